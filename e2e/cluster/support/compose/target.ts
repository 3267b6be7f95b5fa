import { setTimeout as sleep } from "node:timers/promises";
import { buildTool } from "@perch/cluster";
import { canaryName, composeProject, fileRoutes, stableBackend, type Variant } from "@perch/core";
import { Agent, fetch as undiciFetch } from "undici";
import type { CaseRequest, Observed, Target, World } from "../../../../conformance/src/index.ts";
import {
  type Backend,
  type Callee,
  startGrpcBackend,
  startHttpBackend,
} from "../../../../conformance/test/support/backend.ts";
import { configOf } from "../../../../conformance/test/support/config.ts";
import { requestGrpc, requestHttp } from "../../../../conformance/test/support/requests.ts";
import { isSettled } from "../settled.ts";
import { type EntryPoints, reserveEntryPoints, startTraefik } from "./traefik.ts";

/** Nothing listens there. */
const NOBODY = "127.0.0.1:1";

/** A world behind the real Traefik with the routes of the compose file; containers are servers of this process. */
export class ComposeRoutes implements Target {
  readonly #world: World;
  readonly #at: EntryPoints;
  readonly #parts: readonly { close(): Promise<void> }[];

  private constructor(world: World, at: EntryPoints, parts: readonly { close(): Promise<void> }[]) {
    this.#world = world;
    this.#at = at;
    this.#parts = parts;
  }

  static async open(world: World): Promise<ComposeRoutes> {
    const project = composeProject(configOf(world));
    const reserved = await reserveEntryPoints();
    const { at } = reserved;
    const backends = new Map<string, Backend>();
    for (const service of project.services.values()) {
      backends.set(stableBackend(project, service), await startBackend(world, { service: service.name }, at));
    }
    for (const { service, pr, ready } of world.canaries) {
      if (ready) backends.set(canaryName(service, pr), await startBackend(world, { service, pr }, at));
    }
    const routes = fileRoutes(project, world.canaries, (name) => backends.get(name)?.address ?? NOBODY);
    await reserved.release();
    const traefik = await startTraefik(await buildTool("traefik"), at, routes);
    const target = new ComposeRoutes(world, at, [traefik, ...backends.values()]);
    await target.#settle(traefik.log).catch(async (error: unknown) => {
      await target.close();
      throw error;
    });
    return target;
  }

  request({ apex, ...request }: CaseRequest): Promise<Observed> {
    if (apex === undefined) return requestHttp(this.#at.edge, request);
    const { inside } = this.#at;
    const isGrpc = this.#world.services.find(({ name }) => name === apex)?.protocol === "grpc";
    return isGrpc
      ? requestGrpc(inside, apex, request.lines, apex)
      : requestHttp(inside, { ...request, host: apex });
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()));
  }

  /** Health is checked once a second: until each variant is what it is, in two rounds on end. */
  async #settle(log: () => string): Promise<void> {
    let calm = 0;
    for (let attempt = 0; attempt < 600 && calm < 2; attempt += 1) {
      calm = (await isSettled(this, this.#world)) ? calm + 1 : 0;
      await sleep(200);
    }
    if (calm < 2) throw new Error(`Traefik does not serve the world of ${this.#world.name}:\n${log()}`);
  }
}

function startBackend({ services }: World, variant: Variant, at: EntryPoints): Promise<Backend> {
  const identity = { ...variant, revision: "ab12cd34ef56" };
  const own = services.find(({ name }) => name === variant.service);
  if (own?.protocol === "grpc") return startGrpcBackend(identity);
  const callees = services.flatMap(({ name, protocol }): Callee[] =>
    own?.calls.includes(name) ? [calleeOf(name, protocol, at)] : [],
  );
  return startHttpBackend(identity, callees);
}

/** As a container calls it: by its name, which leads to the router. */
function calleeOf(service: string, protocol: "http" | "grpc", { inside }: EntryPoints): Callee {
  if (protocol === "grpc") return { service, protocol, address: inside, authority: service };
  const [, port] = inside.split(":");
  return { service, protocol, address: `${service}:${port}`, fetch: fetchOnLoopback };
}

const loopback = new Agent({
  connect: { lookup: (_host, _options, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }]) },
});

const fetchOnLoopback = ((input: string, init: object) =>
  undiciFetch(input, { ...init, dispatcher: loopback })) as unknown as typeof globalThis.fetch;
