import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { canaryIdentity } from "../../../../src/manifests/canary-identity.ts";
import { canaryRoute } from "../../../../src/manifests/mesh/linkerd/routes.ts";
import { shopProject } from "../../support.ts";
import type { RouteSpec } from "./proxy-model.ts";

function routeWith(count: number): RouteSpec {
  const grpcServices = Array.from({ length: count }, (_, index) => `store.v${index + 1}.StoreService`);
  const store = { repo: "acme/shop", protocol: "grpc", grpcServices };
  const project = shopProject({ mesh: "linkerd", services: { store } });
  const service = project.services.get("store");
  assert.ok(service !== undefined);
  return canaryRoute(project, service, canaryIdentity("store", 7)).object.spec as RouteSpec;
}

describe("a canary's route of a service with many gRPC services", () => {
  it("has one match for each, in rules of at most eight", () => {
    const sizes = (count: number) => routeWith(count).rules.map(({ matches = [] }) => matches.length);
    assert.deepEqual([sizes(1), sizes(8), sizes(9), sizes(128)], [[1], [8], [8, 1], Array(16).fill(8)]);
  });

  it("is refused where the Gateway API has no room for it", () => {
    assert.throws(
      () => routeWith(129),
      (error) => error instanceof PerchError && /129 gRPC services.*at most 128/.test(error.message),
    );
  });
});
