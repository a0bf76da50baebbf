/** What the panels share: state, the service, the map, messages. */

import type { FeatureCollection } from "geojson";
import type { AssessmentResult, AssessmentRow, Job, Me, ParkMap, ParkVersion, Permission } from "./answers";
import { type Client, Problem } from "./client";
import { finished } from "./jobs";
import { leave } from "./login";
import { LAYERS, type LayerName } from "./map/layers";
import type { MapView } from "./map/view";
import { say } from "./words";

/** What can change: the park, its assessment, the chosen unit, the chosen place, what the map shows, the open panel. */
export type Topic = "park" | "assessment" | "unit" | "place" | "layers" | "panel";

/** A place on the map: in longitude and latitude, and in the park's own coordinates where they are known. */
export interface Place {
  lonLat: [number, number];
  at: [number, number];
  /** A protection target that stands there. */
  target?: string;
}

/** Layers of an assessment; each is read when it is seen first. */
const RESULT_LAYERS: Partial<Record<LayerName, string>> = {
  contours: "contours",
  enterprises: "layers/enterprises",
  hazard_units: "layers/hazard_units",
};

const PARTS = "park,grade,enterprises,sources,targets,fn,pll,rules,problems,provenance";

/** How to assess: what is left out is as the park and the service have it. */
export interface Method {
  rules?: string;
  seed?: number;
}

export class App {
  park: ParkVersion | null = null;
  parkMap: ParkMap | null = null;
  /** Assessments of this version that succeeded, newest first. */
  assessments: AssessmentRow[] = [];
  /** The one that is shown. */
  assessment: AssessmentRow | null = null;
  result: AssessmentResult | null = null;
  unit: string | null = null;
  place: Place | null = null;
  panel: string | null = null;
  /** Names of the panels that this user has. */
  readonly panels = new Set<string>();
  private readonly bus = new EventTarget();
  private readonly unread = new Map<LayerName, string>();

  constructor(
    readonly client: Client,
    readonly me: Me,
    readonly view: MapView,
    private readonly messages: { say(text: string, tone: "note" | "alert"): void },
  ) {}

  may(permission: Permission): boolean {
    return this.me.permissions.includes(permission);
  }

  /** Call `act` whenever this changes, until `alive` aborts. */
  on(topic: Topic, act: () => void, alive?: AbortSignal): void {
    this.bus.addEventListener(topic, act, alive ? { signal: alive } : {});
  }

  tell(topic: Topic): void {
    this.bus.dispatchEvent(new Event(topic));
  }

  /** Say something to the user, also to those who listen. */
  announce(text: string): void {
    this.messages.say(text, "note");
  }

  /** Say what went wrong; an aborted call is no fault, and who is no longer known logs in again. */
  fail(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof Problem && error.status === 401) leave();
    if (!(error instanceof Problem)) console.error(error);
    this.messages.say(error instanceof Problem ? error.message : say("error"), "alert");
  }

  /** Open a panel. */
  open(panel: string): void {
    if (!this.panels.has(panel)) return this.announce(say("not_allowed"));
    this.panel = panel;
    this.tell("panel");
  }

  async choosePark(park: ParkVersion): Promise<void> {
    const base = `/v1/parks/${park.id}/versions/${park.version}`;
    this.parkMap = await this.client.get<ParkMap>(`${base}/map`);
    this.park = park;
    this.assessments = [];
    this.assessment = null;
    this.result = null;
    this.unread.clear();
    this.unit = null;
    this.place = null;
    this.view.chosen = null;
    this.view.show(this.parkMap);
    this.tell("park");
    const rows = await this.assessmentsOf(park.id);
    if (this.park !== park) return;
    this.assessments = rows.filter((row) => row.version === park.version);
    const latest = this.assessments[0];
    if (latest) await this.chooseAssessment(latest);
    else this.tell("assessment");
  }

  /** Assessments of a park that succeeded, newest first. */
  async assessmentsOf(park: string, signal?: AbortSignal): Promise<AssessmentRow[]> {
    const rows = await this.client.all<AssessmentRow>(`/v1/assessments?park_id=${park}`, signal);
    return rows.filter((row) => row.status === "successful").sort((a, b) => b.created.localeCompare(a.created));
  }

  /** What the page reads of an assessment's result. */
  resultOf(id: string, signal?: AbortSignal): Promise<AssessmentResult> {
    return this.client.get<AssessmentResult>(`/v1/assessments/${id}/result?only=${PARTS}`, signal);
  }

  async chooseAssessment(row: AssessmentRow): Promise<void> {
    const park = this.park;
    const result = await this.resultOf(row.id);
    if (this.park !== park) return;
    this.result = result;
    this.assessment = row;
    for (const [layer, path] of Object.entries(RESULT_LAYERS)) this.unread.set(layer as LayerName, `/v1/assessments/${row.id}/${path}`);
    await Promise.all(LAYERS.map((layer) => this.readLayer(layer)));
    this.tell("assessment");
  }

  /** Show or hide a layer. */
  async switchLayer(layer: LayerName, on: boolean): Promise<void> {
    this.view.layers.all[layer].setVisible(on);
    await this.readLayer(layer);
    this.tell("layers");
  }

  /** Whether a layer has content that is read when it is switched on. */
  isUnread(layer: LayerName): boolean {
    return this.unread.has(layer);
  }

  /** Read a layer of the assessment that is seen and not there yet. */
  private async readLayer(layer: LayerName): Promise<void> {
    const path = this.unread.get(layer);
    if (path === undefined || !this.view.layers.all[layer].getVisible()) return;
    const found = await this.client.get<FeatureCollection>(path);
    if (this.unread.get(layer) !== path) return;
    this.unread.delete(layer);
    this.view.layers.show(layer, found, this.view.plane);
  }

  /** Assess the park's version as a job; `told` hears its progress, `signal` cancels it. */
  async assess(method: Method, told: (job: Job) => void, signal: AbortSignal): Promise<void> {
    const park = this.park;
    if (park === null) return;
    const answer = await this.client.ask("/v1/assessments", {
      method: "POST",
      json: { park: { park_id: park.id, version: park.version }, ...method },
      headers: { Prefer: "respond-async" },
      signal,
    });
    const body = (await answer.json()) as Job & { id?: string };
    const id = answer.status === 202 ? (await finished(this.client, body, { progress: told, signal })).owner_id : body.id;
    if (this.park !== park) return;
    this.assessments = (await this.assessmentsOf(park.id)).filter((row) => row.version === park.version);
    const row = this.assessments.find((each) => each.id === id);
    if (row && this.park === park) await this.chooseAssessment(row);
  }

  chooseUnit(id: string | null, options: { look?: boolean; open?: boolean } = {}): void {
    this.unit = id;
    this.view.chosen = id;
    this.view.redraw();
    if (id !== null && options.look) {
      const feature = this.view.layers.features("units").find((each) => each.get("unit_id") === id);
      if (feature) this.view.centre(this.view.middle(feature));
    }
    this.tell("unit");
    if (id !== null && options.open !== false) this.open("unit");
  }

  choosePlace(place: Place | null): void {
    this.place = place;
    this.view.markPlace(place?.at ?? null);
    this.tell("place");
    if (place !== null) this.open("place");
  }
}
