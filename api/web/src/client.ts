/** Calls of the service: the key goes into a header only, an error answer becomes a `Problem`. */

import { say, told } from "./words";
import type { InputProblem } from "./answers";

/** An answer that says no (RFC 9457); `message` is in the user's language. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problems: InputProblem[] = [],
  ) {
    super(message);
  }
}

export interface Asking {
  method?: string;
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const STARTING = new Set(["compute.starting", "http.not_ready"]);

export class Client {
  /** Told why calls wait for the service to start, and null when they go on. */
  onStarting: (why: string | null) => void = () => {};
  private waiting = 0;

  constructor(private readonly key: string) {}

  /** The answer's JSON. */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const answer = await this.ask(path, signal ? { signal } : {});
    return (await answer.json()) as T;
  }

  /** Every item of a list, page after page. */
  async all<T>(path: string, signal?: AbortSignal): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | null = null;
    do {
      const joined: string = cursor === null ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next: string | null } = await this.get(joined, signal);
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return found;
  }

  /** A call whose answer is looked at by the caller; throws a `Problem` unless it succeeded. Waits while the service starts. */
  async ask(path: string, asking: Asking = {}): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.key}`, ...asking.headers };
    if (asking.json !== undefined) headers["Content-Type"] = "application/json";
    const method = asking.method ?? "GET";
    if (method === "POST") headers["Idempotency-Key"] ??= crypto.getRandomValues(new Uint32Array(4)).join("-");
    const body = asking.json === undefined ? (asking.form ?? null) : JSON.stringify(asking.json);
    const request = { method, headers, body, signal: asking.signal ?? null };
    for (;;) {
      const answer = await sent(path, request);
      if (answer.ok) return answer;
      const problem = await problemOf(answer);
      if (!STARTING.has(problem.code)) throw problem;
      await this.start(problem.message, Number(answer.headers.get("Retry-After") ?? 2), asking.signal);
    }
  }

  /** Rest until the service may have started. */
  private async start(why: string, seconds: number, signal?: AbortSignal): Promise<void> {
    this.waiting += 1;
    this.onStarting(why);
    try {
      await rest(1000 * Math.max(seconds, 1), signal);
      signal?.throwIfAborted();
    } finally {
      // The next try may have to wait again: say that it goes on only when none does.
      setTimeout(() => --this.waiting === 0 && this.onStarting(null), 3000);
    }
  }

  /** Hand a file of the service to the user under this name. */
  async download(path: string, name: string): Promise<void> {
    const content = await (await this.ask(path)).blob();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}

async function sent(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Problem(0, "network", say("network"));
  }
}

/** Do nothing for so long, or until `signal` aborts. */
export function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = (await answer.json()) as Record<string, unknown>;
  } catch {
    // an answer of something between here and the service
  }
  return problemFrom({ status: answer.status, title: `HTTP ${answer.status}`, ...body });
}

/** A problem of an answer or of a job. */
export function problemFrom(body: Record<string, unknown>): Problem {
  const text = told({ title_zh: body.title_zh ?? body.title, title_en: body.title }, "title");
  const problems = Array.isArray(body.problems) ? (body.problems as InputProblem[]) : [];
  return new Problem(Number(body.status ?? 0), String(body.code ?? ""), text, problems);
}
