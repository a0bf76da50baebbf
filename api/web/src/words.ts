/** Every text of the page, Chinese and English; a missing one is a compile error. */

import { VALUES } from "./values";

export type Language = "zh" | "en";
export type Word = readonly [zh: string, en: string];

const WORDS = {
  // page
  title: ["园区安全风险地图", "Park risk map"],
  skip: ["跳到面板", "Skip to the panels"],
  map: ["地图", "Map"],
  map_help: [
    "地图：方向键移动，加减号缩放；“查找”面板列出地图上的全部设备和目标。",
    "Map: arrow keys move it, plus and minus zoom; the panel Find lists all units and targets on it.",
  ],
  panels: ["面板", "Panels"],
  close: ["关闭", "Close"],
  larger: ["放大面板", "Make the panel larger"],
  smaller: ["缩小面板", "Make the panel smaller"],
  other_language: ["English", "中文"],
  log_out: ["退出", "Log out"],
  loading: ["正在读取…", "Loading…"],
  cancel: ["取消", "Cancel"],
  unknown: ["未知", "unknown"],
  none: ["无", "none"],
  per_year: ["/年", "/yr"],
  yes: ["是", "yes"],
  no: ["否", "no"],
  docs: ["接口文档", "API"],

  // login
  log_in: ["登录", "Log in"],
  key: ["访问密钥", "API key"],
  key_help: [
    "密钥由管理员发放；首次启动服务时终端会显示一个。密钥只保存在本浏览器标签页，关闭即清除。",
    "An administrator issues keys; the first start of the service prints one. It is kept in this tab only and gone when the tab closes.",
  ],
  key_refused: ["密钥无效、已过期或已撤销。", "This key is not valid, has expired or was revoked."],
  role_reader: ["查阅", "reader"],
  role_officer: ["园区安全管理", "officer"],
  role_assessor: ["评价师", "assessor"],
  role_approver: ["审批", "approver"],
  role_admin: ["管理员", "administrator"],
  not_allowed: ["当前角色没有此项权限。", "Your role does not allow this."],

  // errors and jobs
  network: ["连接不到服务。", "The service cannot be reached."],
  error: ["错误", "Error"],
  stopped: ["已取消", "Cancelled"],
  starting: ["{why}。就绪后页面自动继续。", "{why}. The page goes on by itself when they are ready."],

  // park
  park: ["园区", "Park"],
  choose_park: ["选择园区", "Choose a park"],
  no_parks: ["还没有园区。请导入，或装入示例园区。", "No park yet. Upload one or load the example."],
  version: ["版本", "Version"],
  version_of: ["第 {n} 版", "version {n}"],
  example: ["装入示例园区", "Load the example park"],
  example_small: ["最小示例（数秒）", "Minimal example (seconds)"],
  example_large: ["舟山示例", "Zhoushan example"],
  upload: ["导入园区文件", "Upload a park"],
  upload_help: [
    "工作簿 .xlsx、园区文件夹 .zip 或 GeoPackage .gpkg",
    "Workbook .xlsx, folder as .zip, or GeoPackage .gpkg",
  ],
  upload_new: ["导入为新园区", "Upload as a new park"],
  upload_version: ["导入为本园区新版本", "Upload as a new version"],
  uploaded: ["已导入：{name}", "Uploaded: {name}"],
  problems: ["数据问题", "Problems of the input"],
  problems_count: ["共 {n} 个问题", "{n} problems"],
  problem_table: ["表", "Table"],
  problem_row: ["行", "Row"],
  problem_column: ["列", "Column"],
  problem_message: ["问题", "Problem"],
  units_count: ["设备数", "Units"],

  // assessment
  assessment: ["风险评估", "Assessment"],
  not_assessed: ["此版本尚未评估。", "This version has not been assessed."],
  assess: ["开始评估", "Run the assessment"],
  assess_again: ["重新评估", "Run it again"],
  assessing: ["正在评估", "Assessing"],
  assessed: ["评估完成", "Assessment done"],
  needs_park: ["请先选择园区。", "Choose a park first."],
  needs_assessment: ["请先完成评估（“园区”面板）。", "Run the assessment first (panel Park)."],
  pll: ["预期死亡人数", "Expected fatalities"],
  result_digest: ["结果摘要", "Result digest"],
  rules_used: ["规则集", "Rulebook"],
  engine_version: ["程序版本", "Engine version"],
  demonstration: ["示范数据", "Demonstration data"],
  advanced: ["高级设置", "Advanced"],
  rules_of_park: ["园区文件指定的规则集", "the one the park names"],
  seed: ["随机种子", "Seed"],
  seed_help: ["连锁抽样的种子，0 或正整数；种子相同，结果相同。", "Seed of the sampled cascades, a whole number from 0; the same seed gives the same result."],
  seed_wrong: ["随机种子应为 0 或正整数。", "The seed must be a whole number from 0."],
  assessment_of: ["{rules} · 种子 {seed} · {created}", "{rules} · seed {seed} · {created}"],

  // comparing versions
  compare: ["版本对比", "Compare"],
  compare_with: ["与哪一版比较", "Compare with"],
  compare_none: ["没有其他已评估的版本。导入新版本并评估后可对比。", "No other version has been assessed. Upload a new version and assess it to compare."],
  compare_row: ["项目", "Item"],
  compare_change: ["变化", "Change"],
  compare_units: ["增减的设备", "Units added and removed"],
  compare_targets: ["个人风险有变化的防护目标", "Targets whose individual risk changed"],
  compare_same: ["无变化。", "No change."],
  compare_added: ["新增", "added"],
  compare_removed: ["移除", "removed"],
  targets_failing: ["超限防护目标", "Targets above their limit"],

  // map
  layers: ["图层", "Layers"],
  layer_contours: ["个人风险等值线", "Individual-risk contours"],
  layer_enterprises: ["企业四色风险", "Enterprises by risk colour"],
  layer_hazard_units: ["重大危险源单元", "Hazard units"],
  layer_boundary: ["园区四至", "Park boundary"],
  layer_targets: ["防护目标", "Protection targets"],
  layer_units: ["设备", "Units"],
  layer_lines: ["线路（管线、道路）", "Lines (pipelines, roads)"],
  layer_transport: ["危险货物运输", "Transport of dangerous goods"],
  layer_people: ["人口分布", "People"],
  people_dense: ["每公顷 {from}–{to} 人", "{from}–{to} persons per hectare"],
  people_most: ["每公顷 {from} 人以上", "{from} persons per hectare and more"],
  people_note: ["取昼夜人数较多者", "by day or night, whichever is more"],
  layer_empty: ["此图层没有内容。", "Nothing in this layer."],
  legend_contours: ["个人风险等值线", "Individual risk"],
  contour_cut: ["到达图边，未闭合", "reaches the map's edge, not closed"],
  colour_open: ["虚线：证据不足，按最不利颜色显示", "dashed: evidence is missing, worst colour shown"],
  colour_units: ["颜色按", "Coloured by"],
  colour_by_kind: ["设备类型", "kind of unit"],
  colour_by_substance: ["物质", "substance"],
  substances_other: ["其他物质", "other substances"],
  zoom_in: ["放大", "Zoom in"],
  zoom_out: ["缩小", "Zoom out"],
  north: ["指北；点击转回正北", "North; press to turn north up"],
  position: ["坐标", "Position"],

  // place
  place: ["点位风险", "Risk here"],
  place_none: ["点击地图上任意一点，读出该点的个人风险及其来源。键盘：焦点在地图上按回车，取地图中心。", "Click any point of the map to read the individual risk there and its sources. Keyboard: Enter on the map takes its middle."],
  place_quantity: ["个人风险（始终在室外、无防护的人）", "individual risk (a person always there, outdoors, unprotected)"],
  individual_risk: ["个人风险", "Individual risk"],
  by_source: ["来源设备", "Sources"],
  by_outcome: ["后果类型", "Outcomes"],
  by_weather: ["气象", "Weather"],
  by_wind_from: ["风向", "Wind"],
  wind_from: ["{name}风（{n}°）", "from {name} ({n}°)"],
  weather_class: ["风速 {speed} m/s，稳定度 {stability}", "wind {speed} m/s, stability {stability}"],
  target_class: ["类别", "Class"],
  persons: ["人数", "Persons"],
  limit: ["限值", "Limit"],
  judgement: ["判定", "Judgement"],
  unverified: ["未核实", "unverified"],

  // unit
  unit: ["设备", "Unit"],
  unit_none: ["点击地图上的设备，或用“查找”。", "Click a unit on the map, or use Find."],
  unit_no_source: ["该设备不是风险源。", "This unit is no source of risk."],
  kind: ["类型", "Kind"],
  enterprise: ["企业", "Enterprise"],
  substance: ["物质", "Substance"],
  volume: ["公称容积", "Volume"],
  pressure: ["操作压力（表压）", "Pressure (gauge)"],
  temperature: ["操作温度", "Temperature"],
  hazard: ["重大危险源", "Major hazard"],
  amount: ["存量", "Amount"],
  q_over_Q: ["q/Q", "q/Q"],
  hazard_unit: ["所属单元", "Hazard unit"],
  unit_R: ["单元 R 值", "R of the unit"],
  level: ["级别", "Level"],
  level_n: ["{n} 级", "level {n}"],
  level_none: ["不构成重大危险源或未定级", "no major hazard or no level"],
  risk: ["风险", "Risk"],
  frequency: ["泄漏频率", "Frequency of loss"],
  pll_share: ["占园区预期死亡", "Share of the park's fatalities"],
  domino_out: ["引发二次事故", "Sets off others"],
  domino_in: ["被他处引发", "Set off by others"],
  cascade: ["播放多米诺连锁", "Play its cascade"],
  trace: ["溯源", "Trace"],
  trace_of: ["溯源：{name}", "Where it comes from: {name}"],
  source: ["依据", "Source"],
  others: ["另有 {n} 项未列出", "{n} more not shown"],

  // find
  find: ["查找", "Find"],
  find_label: ["编号、名称、物质或类别", "Id, name, substance or class"],
  find_hint: ["例如：氨 储罐", "e.g. ammonia tank"],
  find_units: ["设备", "unit"],
  find_targets: ["目标", "target"],
  find_enterprises: ["企业", "enterprise"],
  found: ["{n} 项", "{n} found"],
  found_first: ["{n} 项，列出前 {most} 项", "{n} found, the first {most} shown"],

  // grade
  grade: ["园区等级", "Grade"],
  bounds: ["证据不足，等级在 {best} 至 {worst} 之间", "evidence is missing: between {best} and {worst}"],
  grade_unverified: ["等级依据的分值未经核实", "the scores behind this grade are unverified"],
  score: ["得分", "Score"],
  reasons: ["理由", "Reasons"],
  missing: ["缺少", "Missing"],
  missing_evidence: ["缺少的证据（{n} 项）", "Missing evidence ({n})"],
  points_open: ["待定 {n} 分", "{n} points open"],
  settled_by: ["怎样定级", "What would settle it"],
  aspects: ["各方面得分", "Score by aspect"],
  aspects_note: ["实色为已确定得分，斜纹为待证据确定的得分。", "Solid: certain. Hatched: open until evidence comes in."],
  triggers: ["直接判定情形", "Direct triggers"],
  rules: ["规则核对", "Rules checked"],

  // F-N
  fn: ["F-N 曲线", "F-N curve"],
  fn_zone: ["所处区域", "Zone"],
  fn_most: ["最多死亡人数", "Most fatalities"],
  fn_deaths: ["死亡人数 N", "fatalities N"],
  fn_frequency: ["累积频率 F (/年)", "frequency F (/yr)"],
  fn_park: ["本园区", "this park"],
  fn_without_domino: ["不计多米诺", "without domino"],
  fn_upper: ["不可接受线", "intolerable above"],
  fn_lower: ["可接受线", "acceptable below"],
  fn_note: ["准则线：GB 36894-2018，未经核实。红：不可接受区；黄：尽可能降低区；绿：可接受区。", "Lines: GB 36894-2018, unverified. Red: intolerable; yellow: reduce as far as practicable; green: acceptable."],
  fn_said: ["F-N 曲线：最不利区域为{zone}，最多死亡 {n} 人；数值见下表。", "F-N curve: worst zone {zone}, at most {n} fatalities; the table below has the numbers."],
  fn_table: ["曲线数值", "The curve in numbers"],

  // report
  report: ["报告", "Report"],
  report_language: ["语言", "Language"],
  report_formats: ["格式", "Formats"],
  report_start: ["生成报告", "Make the report"],
  report_making: ["正在生成报告", "Making the report"],
  report_done: ["报告已生成", "The report is ready"],
  report_files: ["文件", "Files"],
  report_none: ["还没有报告。", "No report yet."],
  report_figures: ["图件（{n}）", "Figures ({n})"],
  download: ["下载 {name}", "Download {name}"],

  // forms and questions
  more_columns: ["更多字段（{n}）", "More columns ({n})"],
  by_default: ["（默认）", "(default)"],
  substance_hint: ["CAS 号或名称", "CAS number or name"],
  unit_hint: ["编号，或点击地图", "id, or click the map"],
  unit_not_found: ["没有此编号的设备。", "There is no unit of this id."],
  form_incomplete: ["表单未填完整。", "The form is not filled in."],
  place_help: ["点击地图可填入坐标。", "A click on the map fills in the place."],
  before: ["变更前", "Before"],
  after: ["变更后", "After"],
  difference: ["差值", "Difference"],
  figure: ["指标", "Figure"],
  all: ["全部", "All"],
  filter: ["按状态筛选", "Filter by status"],
  remove: ["删除", "Remove"],
  undo: ["撤销", "Undo"],
  value: ["数值", "Value"],
  clause: ["条款", "Clause"],
  effect: ["影响", "Effect"],
  document: ["依据文件", "Document"],
  date: ["日期", "Date"],

  // cascade
  domino: ["多米诺", "Domino"],
  domino_unit: ["起始设备", "Begins at"],
  domino_none: ["在地图上点击设备，或输入编号，播放由它引发的连锁。", "Click a unit on the map, or type its id, to play the cascade that begins there."],
  domino_alone: ["该设备起火或爆炸不会引发其他设备失效。", "A fire or explosion at this unit makes no other unit fail."],
  domino_time: ["时间（分钟）", "Time (minutes)"],
  domino_said: ["第 {n} 分钟，{failed} 台失效", "minute {n}, {failed} failed"],
  domino_failed: ["已失效 {n} / {all} 台；最近：{last}", "{n} of {all} failed; the latest: {last}"],
  domino_by_chance: ["失效概率", "probability to follow"],
  domino_by_time: ["失效时间", "time of failure"],
  domino_note: ["概率：该设备起火或爆炸后，其他设备随之失效的可能。时间为中位数（括号内 10–90 %）；设备到其中位时间亮起。", "Probability: that a unit fails after a fire or explosion at the first. Times are medians (10–90 % in brackets); a unit lights up at its median time."],
  domino_list: ["可能失效的设备", "Units that may follow"],
  domino_chance: ["概率", "Probability"],
  domino_order: ["级", "Order"],
  domino_minutes: ["时间 (min)", "Time (min)"],
  domino_cross: ["跨企业", "other enterprise"],
  domino_chain: ["链", "Chain"],
  domino_chains: ["最可能的连锁", "Likeliest chains"],
  play: ["▶ 播放", "▶ Play"],
  pause: ["❚❚ 暂停", "❚❚ Pause"],
  minute: ["{n} min", "{n} min"],

  // what-if
  whatif: ["假设分析", "What-if"],
  whatif_help: ["在地图上拖动设备，或用下面的表单添加更改，然后比较。", "Drag units on the map, or add changes by the form, then compare."],
  change_kind: ["更改", "Change"],
  change_move: ["移动设备", "Move a unit"],
  change_refill: ["改变充装系数", "Change its fill"],
  change_substance: ["更换介质", "Change its substance"],
  change_remove: ["拆除设备", "Remove a unit"],
  change_add: ["加入更改", "Add the change"],
  change_housing: ["新建住宅", "New housing"],
  change_add_unit: ["新增设备", "Add a unit"],
  move_help: ["拖动设备，或选设备后点击地图新位置，或输入坐标。", "Drag the unit, or choose it and click its new place, or type it."],
  fill_fraction: ["充装系数（0–1）", "Fill fraction (0–1)"],
  changes: ["已做的更改", "Changes made"],
  no_changes: ["还没有更改。", "No change yet."],
  said_move: ["移动 {unit} 到 {x}, {y}", "move {unit} to {x}, {y}"],
  said_remove: ["拆除 {unit}", "remove {unit}"],
  said_refill: ["{unit} 充装系数改为 {value}", "fill fraction of {unit}: {value}"],
  said_substance: ["{unit} 介质改为 {value}", "substance of {unit}: {value}"],
  said_add: ["新增 {unit}（{x}, {y}）", "add {unit} at {x}, {y}"],
  said_housing: ["新建住宅：白天 {day} 人、夜间 {night} 人（{x}, {y}）", "housing: {day} people by day, {night} by night, at {x}, {y}"],
  whatif_run: ["比较前后风险", "Compare the risk"],
  whatif_reset: ["全部撤销", "Undo all"],
  whatif_running: ["正在比较", "Comparing"],
  whatif_done: ["比较完成", "Comparison done"],
  whatif_result: ["变更前后", "Before and after"],
  whatif_fn: ["F-N 曲线：变更前（虚线）与变更后", "F-N curve: before (dashed) and after"],
  whatif_contours: ["地图：虚线为变更前等值线，紫线填色为变更后。", "Map: dashed contours before, filled with purple lines after."],
  whatif_figures: ["园区指标", "Figures of the park"],
  whatif_targets: ["变化最大的防护目标（个人风险 /年）", "Targets that change most (individual risk /yr)"],
  whatif_units: ["变化最大的设备（预期死亡 /年）", "Units that change most (fatalities /yr)"],
  seconds: ["用时 {n} 秒", "took {n} seconds"],
  same: ["不变", "unchanged"],
  rises: ["上升 {n}", "up {n}"],
  falls: ["下降 {n}", "down {n}"],
  said_pll: ["预期死亡人数由 {before} 变为 {after} /年（{change}）。", "Expected fatalities go from {before} to {after} /yr ({change})."],
  said_grade: ["等级由 {before} 变为 {after}。", "The grade goes from {before} to {after}."],
  said_grade_same: ["等级仍为 {grade}。", "The grade stays {grade}."],
  said_target: ["变化最大的目标：{name}（{difference} /年）。", "The target that changes most: {name} ({difference} /yr)."],
  said_targets_same: ["各防护目标的个人风险不变。", "Individual risk at the targets is unchanged."],

  // gate
  gate: ["入园判定", "Gate"],
  gate_help: ["选择、导入或填写项目，判定其能否进入所选园区。", "Choose, upload or fill in a project; may it come into this park?"],
  project: ["项目", "Project"],
  project_form: ["填写表单…", "Fill in a form…"],
  project_upload: ["导入项目文件", "Upload a project"],
  project_examples: ["示例项目", "Example projects"],
  project_units: ["项目的设备", "Units of the project"],
  project_unit_add: ["加入此设备", "Add this unit"],
  evidence_count: ["证据与指标（{n} 项）", "Evidence and figures ({n})"],
  evidence_note: ["未填的项按“未知”处理，不会视为符合。", "What is left open counts as unknown, never as met."],
  severity_gate: ["否决项", "gate"],
  gate_search: ["不符合时寻找可行的减量或移位", "where it fails, seek a smaller inventory or another place"],
  gate_run: ["判定", "Decide"],
  gate_running: ["正在判定", "Deciding"],
  gate_done: ["判定完成", "Decision made"],
  gate_result: ["判定结果", "Verdict"],
  verdict_unverified: ["所依据的规则或数据部分未核实", "some rules or data behind it are unverified"],
  standing_note_decision: ["由审批人作出，计入审计。", "made by an approver; it counts and is in the audit."],
  standing_note_trial: ["试算，不构成审批决定。", "a trial: no decision of the authority."],
  conditions: ["条件", "Conditions"],
  decides: ["决定性", "decides"],
  rules_by_rule: ["逐条判定（{n} 条）", "Rule by rule ({n})"],
  gate_before_after: ["项目前后", "Before and after the project"],
  gate_targets: ["防护目标（个人风险 /年）", "Protection targets (individual risk /yr)"],
  limit_new: ["新建限值", "Limit, new"],
  over_limit: ["超限目标数", "targets over limit"],
  not_judged: ["不能判定的目标数", "targets not judged"],
  worst_ratio: ["最大风险/限值", "largest risk over limit"],
  major_hazards: ["重大危险源 1/2/3/4 级", "major hazards, level 1/2/3/4"],
  domino_pairs: ["多米诺升级对", "escalation pairs"],
  record: ["留痕", "Record"],
  decision_id: ["编号", "Id"],
  audit_sequence: ["审计序号", "Audit sequence"],
  audit_head: ["审计链头", "Head of the audit"],
  export_json: ["导出 JSON", "Export JSON"],

  // siting
  siting: ["选址", "Siting"],
  siting_help: ["逐个单元判定项目放在园区何处能够符合，余量多大。", "For every cell of the park: would the project pass there, and with how much room?"],
  siting_cells: ["长边单元数", "Cells along the longer side"],
  siting_run: ["绘制选址图", "Make the map"],
  siting_running: ["正在绘制选址图", "Making the siting map"],
  siting_done: ["选址图已完成", "The siting map is ready"],
  siting_result: ["选址图", "Siting map"],
  siting_elsewhere: ["图中各项均满足时，其余规则：", "All other rules, were the map's criteria met: "],
  siting_room: ["余量（倍）", "Room (times)"],
  siting_room_least: ["符合，余量 ≥ {n} 倍", "passes, room ≥ {n} times"],
  siting_cells_of: ["{name}（{n} 单元）", "{name} ({n} cells)"],
  siting_here: ["{x}, {y}：", "{x}, {y}:"],
  siting_gate: ["在此处判定", "Run the gate here"],
  siting_gate_short: ["判定", "Gate"],
  siting_best: ["余量最大的位置", "Places with the most room"],
  siting_binds: ["起控制作用", "What binds"],
  siting_look: ["查看第 {n} 处", "Look at place {n}"],
  siting_nowhere: ["没有符合的位置。", "Nowhere does it pass."],
  siting_fixed: ["该项目的坐标不在园区平面坐标系中，不能移动。", "The project's coordinates are not those of the park's plane; it cannot be moved."],

  ...VALUES,
} as const satisfies Record<string, Word>;

export type Key = keyof typeof WORDS;

const STORED = "parkrisk.language";
let current: Language = "zh";

/** The language that this browser was left in. */
export function storedLanguage(): Language {
  return localStorage.getItem(STORED) === "en" ? "en" : "zh";
}

export function language(): Language {
  return current;
}

export function setLanguage(chosen: Language): void {
  current = chosen;
  localStorage.setItem(STORED, chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

/** The text of a key in the user's language; `{name}` is filled in. */
export function say(key: Key, values: Record<string, string | number> = {}): string {
  return pick(WORDS[key]).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Of a pair, the one in the user's language. */
export function pick([zh, en]: Word): string {
  return current === "zh" ? zh : en;
}

/** Of a row with lists `reasons_zh` and `reasons_en`, the one in the user's language. */
export function toldAll(row: object, name: string): string[] {
  return (row as Record<string, string[]>)[`${name}_${current}`] ?? [];
}

/** Of a row with `title_zh` and `title_en`, the one in the user's language. */
export function told(row: object, name: string): string {
  const found = row as Record<string, unknown>;
  return String(found[`${name}_${current}`] ?? found[`${name}_zh`] ?? found[name] ?? "");
}

/** The name of a value, as `named("kind", "reactor")`; the value itself where it has none. */
export function named(group: string, value: string): string {
  const key = `${group}.${value}`;
  return key in WORDS ? say(key as Key) : value;
}
