/** What a panel is. A file `src/panels/NAME.ts` that exports `panel` is a panel: nothing else names it. */

import type { Permission } from "./answers";
import type { App } from "./app";
import type { Key } from "./words";

export interface Panel {
  /** Short and unique; part of ids in the page. */
  name: string;
  /** Where it stands among the others. */
  order: number;
  title: Key;
  /** One sign for the rail. */
  letter: string;
  permission: Permission;
  /** What must be there before it is mounted; until then the page says what is missing. */
  needs: "nothing" | "park" | "assessment";
  /** Fill `root`. `alive` aborts when the panel goes: give it to `app.on`, to listeners and to calls of the service. */
  mount(root: HTMLElement, app: App, alive: AbortSignal): void;
}

const found = import.meta.glob<{ panel: Panel }>("./panels/*.ts", { eager: true });

/** All panels in their order. */
export const PANELS: readonly Panel[] = Object.values(found)
  .map((module) => module.panel)
  .sort((a, b) => a.order - b.order);
