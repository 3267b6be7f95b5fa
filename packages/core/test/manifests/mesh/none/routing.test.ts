import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolve } from "@perch/core";
import { parseSelector } from "@perch/header";
import fc from "fast-check";
import { canaryIdentity } from "../../../../src/manifests/canary-identity.ts";
import { routerOf } from "../../../../src/manifests/mesh/none/constants.ts";
import { none } from "../../../../src/manifests/mesh/none/index.ts";
import { isCalled } from "../../../../src/manifests/project.ts";
import { type ModelAnswer, traefikModel } from "../../edge/traefik/router-model.ts";
import { answererOf, anyWorld, linesOf, routeTableOf, servicesOf, type World, wordOf } from "../../world.ts";

/** Names by which a caller may have reached the service. */
const DOMAINS = ["", ".NS", ".NS.svc", ".NS.svc.cluster.local", ".NS.svc.example.internal"];

function internalRouterOf({ project, canaries, ...rest }: World) {
  const called = [...project.services.values()].filter((service) => isCalled(project, service));
  const described = [
    ...none.sharedObjects(project),
    ...called.flatMap((service) => [
      ...none.serviceObjects(project, service),
      ...canaries
        .filter((canary) => canary.service === service.name)
        .flatMap(({ pr }) => none.canaryObjects(project, service, canaryIdentity(service.name, pr))),
    ]),
  ];
  const objects = described.map(({ object }) => object);
  return {
    called,
    route: traefikModel(
      objects,
      servicesOf({ project, canaries, ...rest }),
      routerOf(project.cluster.namespace),
    ),
  };
}

/** A call of a world: what is dialled, and what the router does. */
interface Call {
  readonly world: World;
  readonly service: string;
  readonly host: string;
  readonly lines: readonly string[];
  readonly answer: ModelAnswer | undefined;
}

function everyCall(hostsOf: (world: World, service: string) => string[], check: (call: Call) => void): void {
  const property = fc.property(anyWorld, (world) => {
    const { called, route } = internalRouterOf(world);
    for (const { name: service } of called) {
      for (const [index, seed] of world.seeds.entries()) {
        const hosts = hostsOf(world, service);
        const host = hosts[index % hosts.length] ?? "";
        const lines = linesOf(world.project, seed);
        const answer = route({ host, path: "/store.v1.StoreService/Get", lines });
        check({ world, service, host, lines, answer });
      }
    }
  });
  fc.assert(property, { numRuns: 300 });
}

const ownHosts = ({ project }: World, service: string) =>
  DOMAINS.map((domain) => `${service}${domain.replace("NS", project.cluster.namespace)}`);

const otherHosts = ({ project }: World, service: string) =>
  [`x${service}`, `${service}.another-namespace`, `${service}.another-namespace.svc.cluster.local`].filter(
    (host) => !project.services.has(host),
  );

describe("the internal router's routes, read as Traefik reads them", () => {
  it("lead every call where core says, by every name of the callee, for any project and any canaries", () => {
    everyCall(ownHosts, ({ world, service, host, lines, answer }) => {
      const routes = routeTableOf(world).services.get(service);
      assert.ok(routes !== undefined && answer !== undefined, host);
      assert.equal(
        answererOf(world, answer),
        wordOf(resolve(routes, parseSelector(lines))),
        JSON.stringify({ host, lines }),
      );
    });
  });

  it("know no other host", () => {
    everyCall(otherHosts, ({ host, answer }) => assert.equal(answer, undefined, host));
  });
});
