import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolve, type ServiceConfig } from "@perch/core";
import { parseSelector } from "@perch/header";
import fc from "fast-check";
import { canaryIdentity } from "../../../../src/manifests/canary-identity.ts";
import { linkerd } from "../../../../src/manifests/mesh/linkerd/index.ts";
import { isCalled } from "../../../../src/manifests/project.ts";
import { answererOf, anyWorld, linesOf, routeTableOf, type World } from "../../world.ts";
import { linkerdModel } from "./proxy-model.ts";

function proxyOf({ project, canaries }: World, service: ServiceConfig) {
  const described = [
    ...linkerd.serviceObjects(project, service),
    ...canaries
      .filter((canary) => canary.service === service.name)
      .flatMap(({ pr }) => linkerd.canaryObjects(project, service, canaryIdentity(service.name, pr))),
  ];
  const objects = described.map(({ object }) => object);
  return linkerdModel(objects.filter(({ kind }) => kind.endsWith("Route")));
}

function pathsOf({ protocol, grpcServices }: ServiceConfig): string[] {
  return protocol === "grpc" ? grpcServices.map((name) => `/${name}/Get`) : ["/", "/items", "/a/b/c?x=1"];
}

/** An expression cannot refuse all that the grammar does: `,a=1` names a. The truth table has it as `deviates: linkerd`. */
function isTakenAllTheSame(line: string, { name }: ServiceConfig): boolean {
  return parseSelector([line]).kind === "invalid" && line.includes(`${name}=`);
}

/** Every call of a world to a service that others call. */
function everyCall(
  check: (world: World, service: ServiceConfig, call: { path: string; line: string | undefined }) => void,
) {
  const property = fc.property(anyWorld, (world) => {
    for (const service of world.project.services.values()) {
      if (!isCalled(world.project, service)) continue;
      for (const seed of world.seeds) {
        const [line] = linesOf(world.project, seed);
        if (line !== undefined && isTakenAllTheSame(line, service)) continue;
        for (const path of pathsOf(service)) check(world, service, { path, line });
      }
    }
  });
  fc.assert(property, { numRuns: 200 });
}

describe("the routes of Linkerd, read as its proxy reads them", () => {
  it("lead every call where core says, for any project and any canaries; one that is not there yet is no stable", () => {
    everyCall((world, service, { path, line }) => {
      const routes = routeTableOf(world).services.get(service.name);
      assert.ok(routes !== undefined);
      const decision = resolve(routes, parseSelector(line === undefined ? [] : [line]));
      // A backend without endpoints is chosen all the same, and the call fails there.
      const pr = decision.kind === "backend" ? decision.backend.pr : decision.pr;
      const backend = proxyOf(world, service)({ path, selector: line });
      assert.ok(backend !== undefined, "refused");
      const expected = pr === undefined ? service.name : `${service.name}@${pr}`;
      assert.equal(answererOf(world, backend), expected, JSON.stringify({ path, line }));
    });
  });

  it("leave calls of gRPC services that perch.yaml does not name to stable, health checks for one", () => {
    everyCall((world, service, { line }) => {
      if (service.protocol !== "grpc") return;
      const backend = proxyOf(world, service)({ path: "/grpc.health.v1.Health/Check", selector: line });
      assert.deepEqual(backend, { namespace: world.project.cluster.namespace, name: service.name });
    });
  });
});
