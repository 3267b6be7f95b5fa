import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type Status, type VariantStatus, variantName } from "@perch/core";
import { type Engine, type EngineOptions, startEngine } from "@perch/engine";
import pino from "pino";
import { request } from "undici";
import type { TestRepository } from "./repository.ts";

/** An engine on a repository of its own, with a state folder that goes with it. */
export interface TestEngine {
  readonly engine: Engine;
  readonly stateDir: string;
  /** Waits for a status of which this holds; fails with the last one seen after half a minute, or so many milliseconds. */
  until(what: string, holds: (status: Status) => boolean, patience?: number): Promise<Status>;
  /** Waits until a variant (`web`, `web-canary-pr-7`) is in a state. */
  untilState(variant: string, state: VariantStatus["state"]): Promise<VariantStatus>;
  /** Waits until that revision of a pull request serves. @returns the instance's folder */
  untilRevision(pr: number, revision: string, patience?: number): Promise<string>;
  /** One request to the edge. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Ends the engine and removes its state folder. */
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** The fixture service's own answer. */
  readonly json: {
    service?: string;
    pr?: string;
    revision?: string;
    says?: string;
    env?: string[];
    /** Of the process that answered. */
    run?: string;
  };
}

export const WEB_CONFIG = `
apiVersion: perch.dev/v1
project: test
services:
  web:
    repo: acme/test
    path: services/web
    protocol: http
    edge: /
    local: { start: exec node server.js, ready: /ready, readyTimeout: 60s, stopTimeout: 1s }
`;

export async function startTestEngine(
  repository: Pick<TestRepository, "remote">,
  change: Partial<EngineOptions> = {},
  yaml = WEB_CONFIG,
): Promise<TestEngine> {
  const parsed = parseConfig(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const stateDir = change.stateDir ?? (await mkdtemp(join(tmpdir(), "perch-state-")));
  const engine = await startEngine({
    config: parsed.config,
    version: "0.0.0-test",
    stateDir,
    checkout: stateDir,
    remotes: new Map([["acme/test", repository.remote]]),
    stable: "remote",
    hosts: ["127.0.0.1"],
    edgePort: 0,
    statusPort: 0,
    interval: 100,
    drainTimeout: 3_000,
    wakeTimeout: 60_000,
    tryPath: "/",
    logger: pino({ level: "silent" }),
    env: process.env,
    ...change,
  }).catch(async (error: unknown) => {
    if (change.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    throw error;
  });
  const until: TestEngine["until"] = (what, holds, patience) => untilStatus(engine, what, holds, patience);
  return {
    engine,
    stateDir,
    until,
    untilState: async (variant, state) => {
      const status = await until(`${variant} is ${state}`, (now) => find(now, variant)?.state === state);
      return find(status, variant) as VariantStatus;
    },
    untilRevision: async (pr, revision, patience) => {
      const isIt = (one: VariantStatus) =>
        one.pr === pr && one.revision === revision && one.state === "ready";
      const holds = ({ services }: Status) => services.some(({ canaries }) => canaries.some(isIt));
      await until(`${revision} of PR ${pr} is ready`, holds, patience);
      const instances = join(stateDir, "instances");
      const id = (await readdir(instances)).find((name) => name.includes(`-pr-${pr}-${revision}-`)) ?? "";
      return join(instances, id);
    },
    get: (path, headers = {}) => get(engine, path, headers),
    close: async () => {
      await engine.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** A variant in a status, by its name. */
export function find(status: Status, variant: string): VariantStatus | undefined {
  return status.services
    .flatMap(({ stable, canaries }) => [stable, ...canaries])
    .find((one) => variantName(one) === variant);
}

/** Bounded, so that a wrong expectation fails with what was seen instead of hanging. */
const PATIENCE = 120_000;

async function untilStatus(
  engine: Engine,
  what: string,
  holds: (status: Status) => boolean,
  patience = PATIENCE,
): Promise<Status> {
  const { promise, resolve, reject } = Promise.withResolvers<Status>();
  const check = () => {
    const status = engine.status();
    if (holds(status)) resolve(status);
  };
  const timer = setTimeout(
    () =>
      reject(new Error(`Waited for: ${what}. Last seen: ${JSON.stringify(engine.status(), undefined, 1)}`)),
    patience,
  );
  const unsubscribe = engine.onStatus(check);
  check();
  return promise.finally(() => {
    clearTimeout(timer);
    unsubscribe();
  });
}

function get(engine: Engine, path: string, headers: Record<string, string>): Promise<Answer> {
  return answerOf(`http://${engine.status().edge.listening[0]}${path}`, headers);
}

/** One request to an edge. */
export async function answerOf(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await request(url, { headers });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): Answer["json"] {
  try {
    return JSON.parse(text) as Answer["json"];
  } catch {
    return {};
  }
}
