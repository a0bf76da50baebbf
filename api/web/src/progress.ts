/** A job's progress in the page, with a button that cancels it. */

import type { App } from "./app";
import type { Job } from "./answers";
import { button, fill, h, keepingFocus } from "./h";
import { named, say } from "./words";

type Work = (told: (job: Job) => void, signal: AbortSignal) => Promise<void>;

/** Do work that may take a while; its progress stands in `root` until it ends. Leaving the panel does not cancel it. */
export async function progressBar(root: HTMLElement, app: App, title: string, work: Work, done: string, alive: AbortSignal): Promise<void> {
  const cancelling = new AbortController();
  const bar = h("progress", { max: 100, "aria-label": title });
  const stage = h("span", { class: "note" }, named("job", "accepted"));
  const told = (job: Job) => {
    if (job.status === "accepted") bar.removeAttribute("value");
    else bar.value = job.progress ?? 0;
    fill(stage, [job.stage ? named("stage", job.stage) : named("job", job.status), job.progress ? `${Math.round(job.progress)} %` : ""].join(" "));
  };
  fill(root, h("div", { class: "progress", role: "group", "aria-label": title }, h("b", {}, title), bar, stage, button(say("cancel"), () => cancelling.abort())));
  app.announce(title);
  try {
    await work(told, cancelling.signal);
    app.announce(done);
  } catch (error) {
    app.fail(error);
  }
  if (!alive.aborted) keepingFocus(root, () => fill(root));
}
