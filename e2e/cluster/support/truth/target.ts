import assert from "node:assert/strict";
import { join } from "node:path";
import { apexAddress, type KubernetesObject } from "@perch/core";
import { request } from "undici";
import {
  type CaseRequest,
  type Observed,
  type Target,
  WORLDS,
  type World,
} from "../../../../conformance/src/index.ts";
import { requestHttp } from "../../../../conformance/test/support/requests.ts";
import type { InsideRequest } from "../../../../conformance/test/support/world-process.ts";
import { until } from "../../../support/until.ts";
import type { TestCluster } from "../cluster/index.ts";
import { PATIENCE } from "../patience.ts";
import { isSettled } from "../settled.ts";
import { endpoints, processObjects, renderedObjects, variantsOf } from "./objects.ts";
import { hostIn, type Place, placeOf } from "./place.ts";

const IMAGE = "registry.local/acme/truth:bed";
/** Rounds, a quarter of a second apart: changes are applied in batches of two seconds. */
const STEADY = 10;
const CHECKOUT = join(import.meta.dirname, "..", "..", "..", "..");

export async function buildTruthImage(cluster: TestCluster): Promise<void> {
  await cluster.buildImage({ context: CHECKOUT, dockerfile: "conformance/Dockerfile", reference: IMAGE });
}

/** A world with the routes that perch renders, behind the cluster's own Traefik and the internal router. */
export class RenderedRoutes implements Target {
  readonly #cluster: TestCluster;
  readonly #world: World;
  readonly #place: Place;

  private constructor(cluster: TestCluster, world: World, place: Place) {
    this.#cluster = cluster;
    this.#world = world;
    this.#place = place;
  }

  static async open(cluster: TestCluster, world: World): Promise<RenderedRoutes> {
    const place = placeOf(world, WORLDS.indexOf(world) + 1);
    const target = new RenderedRoutes(cluster, world, place);
    await target.#remove();
    const variants = variantsOf(world, place);
    await target.#apply(namespacesFirst(renderedObjects(world, place)));
    await target.#apply(processObjects(place, variants, IMAGE));
    const at = ["--namespace", place.namespace];
    const patience = `--timeout=${PATIENCE}s`;
    await cluster.kubectl(["wait", "pod/truth", ...at, "--for=condition=Ready", patience]);
    await cluster.kubectl(["rollout", "status", "deployment/perch-router", ...at, patience]);
    const address = await cluster.kubectl(["get", "pod/truth", ...at, "--output=jsonpath={.status.podIP}"]);
    await target.#apply(endpoints(place, variants, address));
    await target.#settle();
    return target;
  }

  async request(request: CaseRequest): Promise<Observed> {
    if (request.apex !== undefined) return this.#inside({ ...request, apex: request.apex });
    const { host } = new URL(this.#cluster.edge);
    return requestHttp(host, { ...request, host: hostIn(this.#place, request.host) }, this.#place.host);
  }

  close(): Promise<void> {
    return this.#remove();
  }

  async #inside(request: InsideRequest["request"]): Promise<Observed> {
    const service = this.#place.project.services.get(request.apex);
    if (service === undefined) throw new RangeError(request.apex);
    const address = apexAddress(this.#place.project, service);
    const body: InsideRequest = { address, protocol: service.protocol, request };
    const answer = await post(this.#cluster.edge, `caller.${this.#place.host}`, JSON.stringify(body));
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as Observed;
  }

  async #apply(objects: readonly KubernetesObject[]): Promise<void> {
    const text = objects.map((object) => JSON.stringify(object)).join("\n---\n");
    await this.#cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], text);
  }

  /** Routes reach Traefik within seconds, each replica of both routers by itself: so many right rounds in a row reach all. */
  async #settle(): Promise<void> {
    let calm = 0;
    await until(`all routes of ${this.#place.namespace} are there`, PATIENCE, async () => {
      calm = (await isSettled(this, this.#world)) ? calm + 1 : 0;
      return calm >= STEADY;
    });
  }

  async #remove(): Promise<void> {
    const names = await this.#cluster.kubectl(["get", "namespaces", "--output=name"]);
    const own = names.split("\n").filter((name) => {
      const namespace = name.split("/").at(-1) ?? "";
      return namespace === this.#place.namespace || namespace.startsWith(`${this.#place.namespace}-`);
    });
    if (own.length > 0)
      await this.#cluster.kubectl(["delete", ...own, "--wait=true", `--timeout=${PATIENCE}s`]);
  }
}

function namespacesFirst(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const isNamespace = ({ kind }: KubernetesObject) => kind === "Namespace";
  return [...objects.filter(isNamespace), ...objects.filter((object) => !isNamespace(object))];
}

async function post(edge: string, host: string, body: string): Promise<{ status: number; body: string }> {
  const answer = await request(edge, { method: "POST", headers: { host }, body });
  return { status: answer.statusCode, body: await answer.body.text() };
}
