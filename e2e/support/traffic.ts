import { parseTrail } from "@perch/header";
import { request } from "undici";

/** Who asks: without a selector, or with that of PR 1 or of PR 2. */
export type Caller = "stable" | "one" | "two";

const CALLERS: readonly { readonly name: Caller; readonly selector?: string; readonly trail: string }[] = [
  { name: "stable", trail: "" },
  { name: "one", selector: "1", trail: "api store#1" },
  { name: "two", selector: "2", trail: "api#2 store" },
];

/** What went wrong since last asked. */
export interface Troubles {
  /** Callers whose reads, and whose writes, got errors, and those. */
  readonly reads: ReadonlyMap<Caller, readonly string[]>;
  readonly writes: ReadonlyMap<Caller, readonly string[]>;
  /** Answers of a backend that was not asked for. */
  readonly wrong: readonly string[];
}

/** Asks all the time, reads and writes, and checks who answered. */
export interface Traffic {
  /** Forgets what it tells. */
  troubles(): Troubles;
  /** Resolves when each caller got a right answer that was asked for after this. */
  allAnswered(): Promise<void>;
  /** Ends it. @returns the ids of all items whose creation was answered. */
  stop(): Promise<readonly string[]>;
}

/** Milliseconds between two requests of one caller. */
const PACE = 20;

/** @param edge `host:port`. */
export function startTraffic(edge: string): Traffic {
  const failed = { reads: new Map<Caller, string[]>(), writes: new Map<Caller, string[]>() };
  const wrong: string[] = [];
  const written: string[] = [];
  const rounds = new Map<Caller, number>(CALLERS.map(({ name }) => [name, 0]));
  let running = true;

  async function ask({ name, selector, trail }: (typeof CALLERS)[number], writes: boolean): Promise<void> {
    const headers = selector === undefined ? {} : { "x-canary": selector };
    const answer = await send(
      edge,
      headers,
      writes ? `Written while things died ${written.length}` : undefined,
    );
    if (answer.status !== 200 && answer.status !== 201) {
      const those = writes ? failed.writes : failed.reads;
      those.set(name, [...(those.get(name) ?? []), `${answer.status} ${answer.text.slice(0, 300)}`]);
      return;
    }
    const served = describeTrail(answer.trail);
    if (served !== trail) wrong.push(`${name}: expected "${trail}", was served by "${served}"`);
    if (answer.status === 201) written.push((JSON.parse(answer.text) as { id: string }).id);
    rounds.set(name, (rounds.get(name) ?? 0) + 1);
  }

  const loops = CALLERS.flatMap((caller) =>
    [false, true].map(async (writes) => {
      while (running) {
        await ask(caller, writes);
        await new Promise((resolve) => setTimeout(resolve, writes ? 5 * PACE : PACE));
      }
    }),
  );
  return {
    troubles: () => {
      const told = { reads: new Map(failed.reads), writes: new Map(failed.writes), wrong: [...wrong] };
      failed.reads.clear();
      failed.writes.clear();
      wrong.length = 0;
      return told;
    },
    allAnswered: async () => {
      const before = new Map(rounds);
      const isBehind = ({ name }: { name: Caller }) => (rounds.get(name) ?? 0) < (before.get(name) ?? 0) + 5;
      while (CALLERS.some(isBehind)) await new Promise((resolve) => setTimeout(resolve, PACE));
    },
    stop: async () => {
      running = false;
      await Promise.all(loops);
      return written;
    },
  };
}

async function send(edge: string, headers: Record<string, string>, name: string | undefined) {
  try {
    const response = await request(`http://${edge}/api/items`, {
      method: name === undefined ? "GET" : "POST",
      headers: name === undefined ? headers : { ...headers, "content-type": "application/json" },
      body: name === undefined ? null : JSON.stringify({ name, priceCents: 1 }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, text, trail: response.headers["x-canary-trail"] };
  } catch (error) {
    return { status: 0, text: (error as Error).message, trail: undefined };
  }
}

/** `api#2 store`: each hop's service, and its pull request. */
function describeTrail(lines: string | string[] | undefined): string {
  const hops = parseTrail(lines)?.hops ?? [];
  return hops.map(({ service, pr }) => (pr === undefined ? service : `${service}#${pr}`)).join(" ");
}
