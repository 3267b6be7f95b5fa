import type { Availability, Variant } from "@perch/core";
import { pino } from "pino";
import { openRouters, type Routers } from "../../packages/engine/src/routes/publish.ts";
import type { ServerCertificate } from "../../packages/engine/src/routes/tls/certificate.ts";
import { certificateFor } from "../../packages/engine/test/support/certificate.ts";
import {
  type CaseRequest,
  EDGE_HOST,
  type Observed,
  runTable,
  type Target,
  type World,
} from "../src/index.ts";
import { type Backend, type Callee, startGrpcBackend, startHttpBackend } from "./support/backend.ts";
import { configOf } from "./support/config.ts";
import { requestGrpc, requestHttp, requestHttp2 } from "./support/requests.ts";
import { routesOf } from "./support/routes.ts";

/** How clients speak to the edge. */
type Front = "HTTP/1.1" | "HTTP/1.1 with TLS" | "HTTP/2 with TLS";

/** The edge and the routers of the local engine, over real sockets, in front of services that use the library. */
class LocalRouters implements Target {
  readonly #world: World;
  readonly #front: Front;
  readonly #routers: Routers;
  readonly #backends: readonly Backend[];

  private constructor(world: World, front: Front, routers: Routers, backends: readonly Backend[]) {
    this.#world = world;
    this.#front = front;
    this.#routers = routers;
    this.#backends = backends;
  }

  static async open(world: World, front: Front): Promise<LocalRouters> {
    const routers = await openRouters({
      config: configOf(world),
      hosts: ["127.0.0.1"],
      edgePort: 0,
      table: routesOf(world, () => ({ kind: "unready", state: "starting", detail: "It starts." })),
      logger: pino({ level: "silent" }),
      ...(front === "HTTP/1.1" ? {} : { certificate: await selfSigned() }),
    });
    const backends = new Map<string, Backend>();
    const variants: Variant[] = [
      ...world.services.map(({ name }) => ({ service: name })),
      ...world.canaries.filter(({ ready }) => ready).map(({ service, pr }) => ({ service, pr })),
    ];
    for (const variant of variants) {
      backends.set(keyOf(variant), await startBackend(world, variant, routers.apex));
    }
    routers.publish(routesOf(world, (variant) => availability(variant, backends.get(keyOf(variant)))));
    return new LocalRouters(world, front, routers, [...backends.values()]);
  }

  request(request: CaseRequest): Promise<Observed> {
    const { apex } = request;
    if (apex === undefined) {
      const [edge] = this.#routers.edge;
      return FRONTS[this.#front](`${edge?.host}:${edge?.port}`, request);
    }
    const address = this.#routers.apex.get(apex) ?? "";
    const isGrpc = this.#world.services.find(({ name }) => name === apex)?.protocol === "grpc";
    return isGrpc ? requestGrpc(address, apex, request.lines) : requestHttp(address, request);
  }

  async close(): Promise<void> {
    await this.#routers.close(0);
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }
}

function keyOf({ service, pr }: Variant): string {
  return `${service}@${pr}`;
}

function availability(variant: Variant, backend: Backend | undefined): Availability {
  if (backend === undefined) throw new RangeError(keyOf(variant));
  return { kind: "ready", backend: { ...variant, address: backend.address, revision: "ab12cd34ef56" } };
}

function startBackend(
  { services }: World,
  variant: Variant,
  apex: ReadonlyMap<string, string>,
): Promise<Backend> {
  const identity = { ...variant, revision: "ab12cd34ef56" };
  const own = services.find(({ name }) => name === variant.service);
  if (own?.protocol === "grpc") return startGrpcBackend(identity);
  const callees = services.flatMap(({ name, protocol }): Callee[] =>
    own?.calls.includes(name) ? [{ service: name, protocol, address: apex.get(name) ?? "" }] : [],
  );
  return startHttpBackend(identity, callees);
}

const FRONTS = {
  "HTTP/1.1": (address: string, one: CaseRequest) => requestHttp(address, one),
  "HTTP/1.1 with TLS": (address: string, one: CaseRequest) => requestHttp(address, one, EDGE_HOST, "https"),
  "HTTP/2 with TLS": requestHttp2,
} satisfies Record<Front, (address: string, one: CaseRequest) => Promise<Observed>>;

async function selfSigned(): Promise<ServerCertificate> {
  const { cert, key } = await certificateFor([EDGE_HOST]);
  const pair = { cert: Buffer.from(cert), key: Buffer.from(key) };
  return { current: () => pair, onChange: () => () => {}, problem: () => undefined, close: () => {} };
}

for (const front of ["HTTP/1.1", "HTTP/1.1 with TLS", "HTTP/2 with TLS"] as const)
  runTable({
    name: `the local engine's edge and routers, ${front}`,
    open: (world) => LocalRouters.open(world, front),
  });
