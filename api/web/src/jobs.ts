/** Waiting for a job, with progress and cancel. */

import type { Job } from "./answers";
import type { Client } from "./client";
import { Problem, problemFrom, rest } from "./client";
import { named, say } from "./words";

export interface Waiting {
  /** Told at every change. */
  progress?: (job: Job) => void;
  /** When it aborts, the job is dismissed. */
  signal?: AbortSignal;
}

/** The content of an answer that is there at once (200, 201) or comes by a job (202). */
export async function outcome<T>(client: Client, answer: Response, waiting: Waiting = {}): Promise<T> {
  const body = (await answer.json()) as unknown;
  if (answer.status !== 202) return body as T;
  const job = await finished(client, body as Job, waiting);
  return client.get<T>(`/v1/jobs/${job.jobID}/results`);
}

/** Wait until a job has succeeded; throws a `Problem` when it failed or was cancelled. */
export async function finished(client: Client, first: Job, waiting: Waiting = {}): Promise<Job> {
  let job = first;
  let pause = 300;
  const path = `/v1/jobs/${first.jobID}`;
  while (job.status === "accepted" || job.status === "running") {
    waiting.progress?.(job);
    await rest(pause, waiting.signal);
    if (waiting.signal?.aborted) {
      await client.ask(path, { method: "DELETE" });
      throw new Problem(0, "cancelled", say("stopped"));
    }
    pause = Math.min(1.5 * pause, 2000);
    job = await client.get<Job>(path);
  }
  waiting.progress?.(job);
  if (job.status === "dismissed") throw new Problem(0, "cancelled", say("stopped"));
  if (job.status === "failed") throw problemFrom({ title: job.message || named("job", "failed"), ...job.problem });
  return job;
}
