import { type Availability, type EdgeDecision, type RouteTable, resolve, resolveEdge } from "@perch/core";
import { formatSelector, parseSelector, SELECTOR_HEADER, type SelectorResult } from "@perch/header";
import { type CaseRequest, EDGE_HOST, type Observed, runTable, type World } from "../src/index.ts";
import { routesOf } from "./support/routes.ts";

/** Decides without a socket; what a service would then do is followed call by call. */
class Decisions {
  readonly #world: World;
  readonly #table: RouteTable;

  constructor(world: World) {
    this.#world = world;
    this.#table = routesOf(world, ({ service, pr }): Availability => {
      const backend = { service, address: "", revision: "0", ...(pr === undefined ? {} : { pr }) };
      return { kind: "ready", backend };
    });
  }

  async request({
    apex,
    host = EDGE_HOST,
    path = "/api/items",
    lines,
    headerName = "X-Canary",
  }: CaseRequest) {
    const selectorLines = headerName.toLowerCase() === SELECTOR_HEADER ? lines : [];
    const sent = selectorLines[0]?.trim();
    if (apex !== undefined) return this.#observe(apex, parseSelector(selectorLines), sent);
    const target = { host, path: path.split("?")[0] ?? "", selectorLines };
    return this.#atEdge(resolveEdge(this.#table, target), sent);
  }

  async close(): Promise<void> {}

  #atEdge(decision: EdgeDecision, sent: string | undefined): Observed {
    if (decision.kind !== "service") return { status: 404, hops: [] };
    const { link, service, selection } = decision;
    return this.#observe(service.service, selection, link === undefined ? sent : formatSelector(link));
  }

  #observe(service: string, selection: SelectorResult, sent: string | undefined): Observed {
    const first = this.#hop(service, selection);
    if (first.endsWith("!")) return { status: 503, hops: [] };
    const hops = [first, ...this.#calls(service, selection)];
    const status = hops.some((hop) => hop.endsWith("!")) ? 503 : 200;
    if (selection.kind === "invalid") return { status, hops, invalid: true };
    const echoes = this.#table.services.get(service)?.protocol === "http";
    return selection.kind === "valid" && sent !== undefined && echoes
      ? { status, hops, echo: sent }
      : { status, hops };
  }

  /** Up to the first that fails. */
  #calls(service: string, selection: SelectorResult): string[] {
    const passedOn: SelectorResult = selection.kind === "valid" ? selection : { kind: "absent" };
    const called = this.#world.services.find(({ name }) => name === service)?.calls ?? [];
    const hops = called.map((callee) => this.#hop(callee, passedOn));
    const failed = hops.findIndex((hop) => hop.endsWith("!"));
    return failed === -1 ? hops : hops.slice(0, failed + 1);
  }

  #hop(service: string, selection: SelectorResult): string {
    const routes = this.#table.services.get(service);
    if (routes === undefined) throw new RangeError(service);
    const decision = resolve(routes, selection);
    if (decision.kind === "unavailable") return `${service}!`;
    const { pr } = decision.backend;
    return pr === undefined ? service : `${service}@${pr}`;
  }
}

runTable({ name: "core's decisions", open: async (world) => new Decisions(world) });
