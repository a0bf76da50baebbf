"""A workbook with every fault that its makers have been seen to make, and what has to be said of each."""

import datetime as dt
from pathlib import Path

from tests.scenarios.workbook_maker import Formula, Maker, Shown, letters, minimal, place, replaced

#: code, place, found, and words of the message that tell what would be right.
Expected = tuple[str, str, str, str]

_TANK = {
    "name": "汽油储罐",
    "enterprise_id": "e1",
    "kind": "atmospheric_tank",
    "y": 4500200,
    "diameter_m": 16,
    "height_m": 10,
    "volume_m3": 2000,
    "fill_fraction": 0.8,
    "max_fill_fraction": 0.9,
    "pressure_kpa": 0,
    "temperature_c": 15,
    "substance": "汽油",
    "mass_t": 1300,
}
_SPHERE = {**_TANK, "kind": "pressure_vessel", "substance": "74-98-6", "height_m": "", "diameter_m": 12.4}
_SPHERE |= {"volume_m3": 1000, "mass_t": 420, "pressure_kpa": 640}
_FIRST = 9
_CUT_OFF = "POLYGON ((499700 4500100, 499800"


def _units(maker: Maker) -> list[Expected]:
    """Spoil one cell of one row each, from row 9 on."""
    spoilt: list[tuple[str, object, str, str, str]] = [
        # column, what stands there, code, found, words
        ("unit_id", dt.date(2026, 3, 1), "date_as_value", "2026-03-01", "如 3-1"),
        ("unit_id", Shown(100000, "0.00E+00"), "id_scientific", "100000", "文本格式"),
        ("unit_id", "U-\n11", "line_break", "U- 11", "换行"),
        ("unit_id", "U\u200b-\xa012", "invisible_characters", "U- 12", "不间断空格"),
        ("unit_id", "Ｕ-13", "full_width_id", "Ｕ-13", "全角"),
        ("unit_id", "U;14", "semicolon_in_id", "U;14", "分号"),
        ("unit_id", "T-101", "duplicate_id", "T-101", "第 4 行"),
        ("enterprise_id", 7, "zeros_lost", "7", "“007”"),
        ("enterprise_id", "e11", "dangling_reference", "e11", "是否为"),
        ("kind", "常压储灌", "not_a_choice", "常压储灌", "atmospheric_tank"),
        ("x", Formula("=F4+10"), "formula_without_value", "=F4+10", "重新计算"),
        ("y", Formula("=#REF!+1", "#REF!"), "excel_error", "#REF!", "改正公式"),
        ("diameter_m", True, "boolean_value", "TRUE", "填写数字"),
        ("height_m", "12 m", "not_a_number", "12 m", "以 m 计"),
        ("volume_m3", 9999, "volume_size", "9999", "2010.62"),
        ("fill_fraction", 85, "out_of_range", "85", "应为 0.85"),
        ("fill_fraction", 0.95, "fill_over_largest", "0.95", "0.9"),
        ("pressure_kpa", "inf", "not_finite", "inf", "有限数字"),
        ("temperature_c", 288, "implausible", "288", "开尔文"),
        ("substance", "甲纯", "unknown_substance", "甲纯", "甲"),
        ("height_m", dt.date(2026, 10, 5), "date_as_value", "2026-10-05", "文本格式"),
        ("bund_id", 330523198001011234, "digits_lost", "3.30523198001011e+17", "15 位"),
        ("note", dt.date(2026, 5, 6), "date_in_text", "2026-05-06", "文本格式"),
        ("kind", "refrigerated_tank", "temperature_needed", "U-32", "操作温度"),
        ("assumed", "preassure_kpa", "assumed_unknown_column", "preassure_kpa", "pressure_kpa"),
        ("mass_t", Formula("=[1]台账!$B$3", 1300), "formula_linked", "=[1]台账!$B$3", "其他工作簿"),
        ("mass_t", "1300", "text_numbers", "1300", "存为文本"),
        ("diameter_m", "１６", "full_width", "１６", "半角"),
        ("mass_t", Shown(1300, "0,"), "scaled_format", "1300", "实际值"),
        ("pressure_kpa", 5, "unit_suspected", "5", "应为 5000"),
        ("pressure_kpa", 400, "below_vapour_pressure", "400", "fill_fraction = 0"),
        ("x", 520000, "outside_boundary", "U-40 (520000, 4500200)", "四至范围之外"),
        ("enterprise_id", "", "missing_value", "", "必填"),
    ]
    expected = []
    for row, (column, value, code, found, words) in enumerate(spoilt, start=_FIRST):
        kind = _SPHERE if code in ("below_vapour_pressure", "unit_suspected") else _TANK
        tank = {**kind, "unit_id": f"U-{row}", "x": 500000 + 20 * row}
        if code == "temperature_needed":
            tank["temperature_c"] = ""
        for name, cell in {**tank, column: value}.items():
            maker.set("units", row, name, cell)
        at = "temperature_c" if code == "temperature_needed" else column
        expected.append((code, place("units", row, at), found, words))
    # What the lost zeros lead to is said too.
    return [*expected, ("dangling_reference", place("units", 16, "enterprise_id"), "7", "不存在")]


def _rows_of_units(maker: Maker) -> list[Expected]:
    """Rows that are hidden, merged, remarks, totals, or hold too little."""
    for row in range(42, 49):
        for name, cell in {**_TANK, "unit_id": f"U-{row}", "x": 500000 + 20 * row}.items():
            maker.set("units", row, name, cell)
    for column in ("diameter_m", "height_m", "volume_m3", "mass_t"):
        maker.set("units", 46, column, "")
    maker.sheets["设备"][46][0] = "已停用"
    maker.set("units", 48, "unit_id", "合计")
    maker.finish.append(lambda _, sheets: sheets["设备"].set_row(41, None, None, {"hidden": True}))
    merged = f"{letters('units', 'name')}44:{letters('units', 'name')}45"
    maker.finish.append(lambda _, sheets: sheets["设备"].merge_range(merged, "汽油储罐"))
    return [
        ("hidden_rows", "设备!42", "42", "隐藏"),
        ("merged_cells", f"设备!{merged}", merged, "取消合并"),
        ("no_inventory", place("units", 46, "volume_m3"), "", "mass_t"),
        ("remark_rows", "设备!A47", "47", "“#”列"),
        ("total_row", "设备!48", "合计", "删除"),
    ]


def _headings(maker: Maker) -> list[Expected]:
    for row in maker.sheets["设备"][:3]:
        row[row.index("set_pressure_kpa") if "set_pressure_kpa" in row else _at("set_pressure_kpa")] = ""
    maker.sheets["设备"][2][_at("set_pressure_kpa")] = "安全阀整定压力（MPa绝压）"
    width = len(maker.sheets["设备"][2])
    maker.sheets["设备"][2] += ["管理部门", "", "设备名称"]
    maker.sheets["设备"][3] += [""] * (width - len(maker.sheets["设备"][3])) + ["储运部", "甲班", "重复", "", "联系人"]
    at = [_column(width + more) for more in range(5)]
    for row in maker.sheets["人口"][:3]:
        row[4] = ""
        del row[6]
    maker.sheets["人口"][2][4] = "边长（英尺）"
    for row in maker.sheets["人口"][3:]:
        del row[6]
    return [
        ("header_absolute", f"设备!{_column(_at('set_pressure_kpa'))}3", "安全阀整定压力（MPa绝压）", "表压"),
        ("unknown_column", f"设备!{at[0]}3", "管理部门", "note"),
        ("empty_heading", f"设备!{at[1]}4", at[1], "补上列名"),
        ("duplicate_column", f"设备!{at[2]}3", "设备名称", "不止一次"),
        ("beyond_header", f"设备!{at[4]}4", "联系人", "note"),
        ("header_unit", "人口!E3", "英尺", "mm"),
        ("missing_column", "人口", "", "night"),
    ]


def _at(column: str) -> int:
    from parkrisk.scenarios import schema

    return list(schema.table("units").columns).index(column) + 1


def _column(place_of: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place_of))


def _other_tables(maker: Maker) -> list[Expected]:
    spoilt: list[tuple[str, int, str, object, str, str, str]] = [
        ("enterprises", 4, "residents_500m", 40.5, "not_whole", "40.5", "整数"),
        ("enterprises", 5, "staff_night", "约20", "not_a_number", "约20", "数字"),
        ("enterprises", 7, "enterprise_id", 1.1, "id_fraction", "1.1", "文本格式"),
        (
            "targets",
            5,
            "polygon",
            "POLYGON ((499700 4500100, 499800",
            "polygon_unreadable",
            "POLYGON ((499700 4500100, 499800",
            "WKT",
        ),
        ("contents", 5, "cas", "甲醇", "content_repeated", "67-56-1", "主要介质"),
        ("barriers", 8, "kind", "deluge", "barrier_twice", "V-201-deluge-2", "第 5 行"),
        ("barriers", 5, "rating", 75, "deluge_share", "75", "0 与 1 之间"),
        ("indicators", 4, "date", 46022, "date_as_number", "46022", "2025-12-31"),
        ("indicators", 5, "date", "2025年底", "not_a_date", "2025年底", "2026-05-01"),
        ("answers", 4, "answer", "score", "score_missing", "", "得分"),
        ("weather", 4, "frequency", 0.2, "frequencies_sum", "1.1", "应为 1"),
    ]
    expected = []
    for table, row, column, value, code, found, words in spoilt:
        maker.set(table, row, column, value)
        at = {"score_missing": "score", "barrier_twice": "unit_id"}.get(code, column)
        where = "气象!" + letters("weather", "frequency") if code == "frequencies_sum" else place(table, row, at)
        expected.append((code, where, found, words))
    for column, value in (("enterprise_id", "007"), ("name", "无装置的企业"), ("staff_day", 30)):
        maker.set("enterprises", 6, column, value)
    maker.set("enterprises", 7, "name", "示例仓储企业")
    for column, value in (("unit_id", "R-301"), ("mass_t", 2)):
        maker.set("contents", 5, column, value)
    for column, value in (("barrier_id", "V-201-deluge-2"), ("unit_id", "V-201")):
        maker.set("barriers", 8, column, value)
    area = letters("enterprises", "area_ha")
    maker.finish.append(lambda _, sheets: sheets["企业"].set_column(f"{area}:{area}", None, None, {"hidden": True}))
    maker.finish.append(lambda _, sheets: sheets["防护目标"].hide())
    return [
        *expected,
        ("hidden_columns", f"企业!{area}", area, "隐藏"),
        ("hidden_sheet", "防护目标", "防护目标", "隐藏"),
        ("staff_without_place", place("enterprises", 6, "staff_day"), "007", "没有设备"),
    ]


def _sheets(maker: Maker) -> list[Expected]:
    """Sheets that are no tables, or are called otherwise; the sheet of the park."""
    maker.sheets["应急力量台账"] = maker.sheets.pop("应急力量")
    maker.sheets["点火源"] = [["点火源情况说明"], ["园区内道路有机动车"]]
    maker.sheets["units"] = [["unit_id", "kind"], ["X-1", "pump"]]
    maker.sheets["通讯录"] = [["姓名", "电话"], ["张三", "13800000000"]]
    rows = maker.sheets["园区"]
    line = {row[0]: at for at, row in enumerate(rows, start=1)}
    rows[line["recognised"] - 1][3] = "大概"
    rows[line["relative_humidity"] - 1][3] = 60
    rows.append(["海拔", "", "", 12])
    return [
        ("unknown_table", "应急力量台账", "应急力量台账", "应急力量"),
        ("no_header", "点火源", "点火源", "source_id"),
        ("sheet_twice", "units", "units", "设备"),
        ("unused_sheet", "通讯录", "通讯录", "未读取"),
        ("not_a_choice", f"园区!D{line['recognised']}", "大概", "yes"),
        ("out_of_range", f"园区!D{line['relative_humidity']}", "60", "应为 0.6"),
        ("unknown_column", f"园区!D{len(rows)}", "海拔", "没有名为"),
        ("macros_ignored", "园区", "", "宏"),
    ]


def faulty(path: Path) -> list[Expected]:
    """Write the workbook and give what has to be said of it."""
    maker = minimal()
    expected = _units(maker) + _rows_of_units(maker) + _headings(maker) + _other_tables(maker) + _sheets(maker)
    maker.write(path)
    replaced(path, "xl/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0 not looked into")
    return expected
