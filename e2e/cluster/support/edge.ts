import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ECHO_HEADER, parseTrail, TRAIL_HEADER } from "@perch/header";
import type { TestCluster } from "./cluster/index.ts";
import { PATIENCE } from "./patience.ts";
import { EDGE_HOST } from "./perch-yaml.ts";

/** What the edge answered. */
export interface Answer {
  readonly status: number;
  /** `api`, `api@7`, `store!`; empty without a trail. */
  readonly hops: readonly string[];
  /** Revision by hop. */
  readonly revisions: readonly (string | undefined)[];
  readonly echo: string | undefined;
  readonly body: string;
}

export interface Ask {
  /** Default: `/api/items`. */
  readonly path?: string;
  readonly selector?: string;
  /** Default: the edge host. */
  readonly host?: string;
}

/** One request through the edge. @throws Error when no answer comes within ten seconds */
export async function ask(
  cluster: TestCluster,
  { path = "/api/items", selector, host = EDGE_HOST }: Ask,
): Promise<Answer> {
  const url = new URL(cluster.edge);
  const sent = request({
    hostname: url.hostname,
    port: url.port,
    path,
    agent: false,
    timeout: 10_000,
    headers: { Host: host, ...(selector !== undefined && { "X-Canary": selector }) },
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = (name: string) => {
    const value = response.headers[name.toLowerCase()];
    return typeof value === "string" ? value : undefined;
  };
  const trail = parseTrail(text(TRAIL_HEADER) ?? "");
  return {
    status: response.statusCode ?? 0,
    hops: (trail?.hops ?? []).map(({ service, pr, note }) => {
      if (note === "unreachable") return `${service}!`;
      return pr === undefined ? service : `${service}@${pr}`;
    }),
    revisions: (trail?.hops ?? []).map(({ rev }) => rev),
    echo: text(ECHO_HEADER),
    body: Buffer.concat(chunks).toString(),
  };
}

/** Replicas of the edge and of the router learn of a route each by itself: so many answers in a row reach all. */
const STEADY = 10;

/**
 * Asks again and again until the answer is as wanted, so many times in a row.
 * @throws Error with the last answer
 */
export async function askUntil(
  cluster: TestCluster,
  what: Ask,
  isWanted: (answer: Answer) => boolean,
  times = STEADY,
): Promise<Answer> {
  const deadline = Date.now() + PATIENCE * 1000;
  for (let inRow = 0; ; ) {
    const answer = await ask(cluster, what).catch((error: Error) => error);
    const isRight = !(answer instanceof Error) && isWanted(answer);
    inRow = isRight ? inRow + 1 : 0;
    if (isRight && inRow >= times) return answer;
    if (Date.now() > deadline) throw new Error(`Not within ${PATIENCE} s: ${describe(answer)}`);
    if (!isRight) await sleep(50);
  }
}

/**
 * Asks until these serve. No answer comes at times where processes wait for a processor, and pods miss a probe; an answer by others is
 * wrong at any time.
 */
export async function servesOn(cluster: TestCluster, what: Ask, hops: readonly string[]): Promise<void> {
  const isRight = (answer: Answer) => {
    if (answer.status !== 200) return false;
    assert.deepEqual(answer.hops, hops);
    return true;
  };
  await askUntil(cluster, what, isRight, 1);
}

function describe(answer: Answer | Error): string {
  return answer instanceof Error ? answer.message : JSON.stringify(answer);
}

/** Whether exactly these served. */
export function servedBy(...hops: string[]): (answer: Answer) => boolean {
  return (answer) => answer.status === 200 && answer.hops.join() === hops.join();
}
