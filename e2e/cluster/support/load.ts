import { setTimeout as sleep } from "node:timers/promises";
import type { TestCluster } from "./cluster/index.ts";
import { type Answer, type Ask, ask } from "./edge.ts";

/** Milliseconds between a caller's requests: the load is to hit every moment, not to keep every core busy. */
const PAUSE = 20;

/** Requests that never end, and what came of them. */
export interface Load {
  readonly answers: Answer[];
  /** Whatever was not as it should be. */
  readonly failures: string[];
  stop(): Promise<void>;
}

/** A few callers at once, each with a connection for each request, as the edge's other users. */
export function startLoad(
  cluster: TestCluster,
  what: Ask,
  isRight: (answer: Answer) => boolean,
  callers = 4,
): Load {
  const answers: Answer[] = [];
  const failures: string[] = [];
  let on = true;
  const caller = async () => {
    while (on) {
      try {
        const answer = await ask(cluster, what);
        answers.push(answer);
        if (!isRight(answer))
          failures.push(
            `${new Date().toISOString()} ${answer.status} ${answer.hops.join()} ${answer.body.slice(0, 200)}`,
          );
      } catch (error) {
        failures.push(`${new Date().toISOString()} ${error}`);
      }
      await sleep(PAUSE);
    }
  };
  const done = Promise.all(Array.from({ length: callers }, caller));
  return {
    answers,
    failures,
    stop: async () => {
      on = false;
      await done;
    },
  };
}
