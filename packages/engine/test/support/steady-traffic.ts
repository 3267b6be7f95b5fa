import { setTimeout as sleep } from "node:timers/promises";
import type { TestEngine } from "./engine.ts";

/** Milliseconds between two requests of one caller. */
const PAUSE = 5;

/** Somebody who asks again and again, and what may answer. */
export interface Caller {
  /** Value of `X-Canary`; absent: untagged. */
  readonly selector?: string;
  /** What the fixture service may say of itself at this moment. */
  readonly expects: () => readonly string[];
}

export interface SteadyTraffic {
  /** Requests that were answered as expected, of the caller who had fewest. */
  answered(): number;
  /** Answers of somebody else than was expected, as text. */
  readonly wrong: readonly string[];
  /** Errors (5xx, and requests without an answer) since it was asked last, as text. */
  failures(): string[];
  stop(): Promise<void>;
}

/** Every caller asks the edge, one request after the other, until it is stopped. */
export function steadyTraffic(test: Pick<TestEngine, "get">, callers: readonly Caller[]): SteadyTraffic {
  const wrong: string[] = [];
  const failed: string[] = [];
  const counts = callers.map(() => 0);
  let isStopped = false;
  const loops = callers.map(async ({ selector, expects }, index) => {
    const name = selector ?? "untagged";
    const headers: Record<string, string> = selector === undefined ? {} : { "x-canary": selector };
    const ask = async () => {
      const before = expects();
      const { status, json, text } = await test.get("/", headers);
      // What is expected may change while a request is under way.
      const allowed = [...before, ...expects()];
      if (status === 200 && allowed.includes(json.says ?? "")) counts[index] = (counts[index] ?? 0) + 1;
      else (status >= 500 ? failed : wrong).push(`${name}: ${status} ${text.slice(0, 200)}`);
    };
    while (!isStopped) {
      await ask().catch((error: unknown) => failed.push(`${name}: ${error}`));
      await sleep(PAUSE);
    }
  });
  return {
    answered: () => Math.min(...counts),
    wrong,
    failures: () => failed.splice(0),
    stop: async () => {
      isStopped = true;
      await Promise.all(loops);
    },
  };
}
