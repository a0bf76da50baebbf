/** What the panels share: state, the service, the map, messages. */

import type { FeatureCollection } from "geojson";
import type { AssessmentResult, AssessmentRow, Job, Me, ParkMap, ParkVersion, Permission } from "./answers";
import { type Client, Problem } from "./client";
import { finished } from "./jobs";
import { leave } from "./login";
import type { LayerName } from "./map/layers";
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

const RESULT_LAYERS: Partial<Record<LayerName, string>> = {
  contours: "contours",
  enterprises: "layers/enterprises",
  hazard_units: "layers/hazard_units",
};

export class App {
  park: ParkVersion | null = null;
  parkMap: ParkMap | null = null;
  /** The latest assessment of this version that succeeded. */
  assessment: AssessmentRow | null = null;
  result: AssessmentResult | null = null;
  unit: string | null = null;
  place: Place | null = null;
  panel: string | null = null;
  /** Names of the panels that this user has. */
  readonly panels = new Set<string>();
  private readonly bus = new EventTarget();

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
    this.assessment = null;
    this.result = null;
    this.unit = null;
    this.place = null;
    this.view.chosen = null;
    this.view.show(this.parkMap);
    this.tell("park");
    const rows = await this.client.all<AssessmentRow>(`/v1/assessments?park_id=${park.id}`);
    const of = rows.filter((row) => row.version === park.version && row.status === "successful");
    const latest = of.sort((a, b) => b.created.localeCompare(a.created))[0];
    if (latest && this.park === park) await this.chooseAssessment(latest);
    else this.tell("assessment");
  }

  async chooseAssessment(row: AssessmentRow): Promise<void> {
    const base = `/v1/assessments/${row.id}`;
    this.result = await this.client.get<AssessmentResult>(`${base}/result`);
    this.assessment = row;
    await Promise.all(
      Object.entries(RESULT_LAYERS).map(async ([layer, path]) => {
        this.view.layers.show(layer as LayerName, await this.client.get<FeatureCollection>(`${base}/${path}`), this.view.plane);
      }),
    );
    this.tell("assessment");
  }

  /** Assess the park's version as a job; `told` hears its progress, `signal` cancels it. */
  async assess(told: (job: Job) => void, signal: AbortSignal): Promise<void> {
    const park = this.park;
    if (park === null) return;
    const answer = await this.client.ask("/v1/assessments", {
      method: "POST",
      json: { park: { park_id: park.id, version: park.version } },
      headers: { Prefer: "respond-async" },
    });
    const body = (await answer.json()) as Job & { id?: string };
    if (answer.status === 202) await finished(this.client, body, { progress: told, signal });
    if (this.park === park) await this.choosePark(park);
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
