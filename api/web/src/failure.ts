/** A question that could not be answered: what the service said, and every problem of the input. */

import type { App } from "./app";
import type { Job } from "./answers";
import { Problem } from "./client";
import { fill, h } from "./h";
import { problemTable } from "./panels/park";
import { progressBar } from "./progress";

/** Work with a progress bar in `root`; what goes wrong stays there as a table of problems. */
export async function worked(root: HTMLElement, app: App, words: { title: string; done: string }, work: (told: (job: Job) => void, signal: AbortSignal) => Promise<void>, alive: AbortSignal): Promise<void> {
  let wrong: unknown = null;
  const tried = async (told: (job: Job) => void, signal: AbortSignal) => {
    try {
      await work(told, signal);
    } catch (error) {
      wrong = error;
      throw error;
    }
  };
  await progressBar(root, app, words.title, tried, words.done, alive);
  if (!(wrong instanceof Problem) || alive.aborted) return;
  fill(root, h("p", { class: "warn" }, wrong.message), problemTable(wrong.problems));
  root.scrollIntoView({ block: "nearest" });
}
