import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  canarySelector,
  type EdgeDecision,
  type KubernetesObject,
  parseShareLink,
  resolveEdge,
  shareLinkHost,
} from "@perch/core";
import { formatSelector, parseSelector } from "@perch/header";
import fc from "fast-check";
import { canaryIdentity } from "../../../../src/manifests/canary-identity.ts";
import { edgeMiddlewares } from "../../../../src/manifests/edge/traefik/edge.ts";
import {
  edgeCanaryObjects,
  edgeServiceObjects,
  edgeSharedObjects,
} from "../../../../src/manifests/edge/traefik/index.ts";
import { repositoriesOf } from "../../../../src/manifests/project.ts";
import {
  answererOf,
  anyWorld,
  linesOf,
  type RequestSeed,
  routeTableOf,
  serviceAt,
  servicesOf,
  type World,
  wordOf,
} from "../../world.ts";
import { type ModelAnswer, traefikModel } from "./router-model.ts";
import type { ModelRequest } from "./rule-model.ts";

function edgeObjects({ project, canaries }: World): KubernetesObject[] {
  const services = [...project.services.values()];
  const described = [
    ...edgeSharedObjects(project),
    ...services.flatMap((service) => edgeServiceObjects(project, service)),
    ...canaries.flatMap((canary) => {
      const service = project.services.get(canary.service);
      const identity = canaryIdentity(canary.service, canary.pr);
      return service === undefined ? [] : edgeCanaryObjects(project, service, identity);
    }),
  ];
  return described.map(({ object }) => object);
}

/** What each request of a world gets, by the rendered routes and by core. */
function everyRequest(
  hostOf: (world: World, seed: RequestSeed) => string,
  check: (
    request: ModelRequest,
    actual: ModelAnswer | undefined,
    expected: EdgeDecision,
    world: World,
  ) => void,
): void {
  const property = fc.property(anyWorld, (world) => {
    const route = traefikModel(edgeObjects(world), servicesOf(world));
    const table = routeTableOf(world);
    for (const seed of world.seeds) {
      const host = hostOf(world, seed);
      const at = world.project.services.get(serviceAt(world.project, seed.pick + 1))?.edge ?? "/";
      const path = `${at.replace(/\/$/, "")}${seed.suffix}` || "/";
      const request = {
        host,
        path: path.startsWith("/") ? path : `/${path}`,
        lines: linesOf(world.project, seed),
      };
      const expected = resolveEdge(table, { host, path: request.path, selectorLines: request.lines });
      check(request, route(request), expected, world);
    }
  });
  fc.assert(property, { numRuns: 300 });
}

function edgeHost({ project }: World): string {
  return project.edge.host;
}

function linkHost({ project }: World, { pick, pr }: RequestSeed): string {
  const selector = canarySelector({ service: serviceAt(project, pick), pr }, repositoriesOf(project).length);
  return shareLinkHost(selector, project.edge.host);
}

function answerWord(decision: EdgeDecision): string {
  return decision.kind === "service" ? wordOf(decision.decision) : "404";
}

describe("the routes at the edge, read as Traefik reads them", () => {
  for (const [what, hostOf] of [
    ["the edge host", edgeHost],
    ["share links", linkHost],
  ] as const) {
    it(`lead every request to ${what} where core says, for any project and any canaries, gone ones included`, () => {
      everyRequest(hostOf, (request, actual, expected, world) => {
        const answerer = actual === undefined ? "404" : answererOf(world, actual);
        assert.equal(answerer, answerWord(expected), JSON.stringify(request));
      });
    });
  }

  it("take every valid selector and every live link past the operator's middlewares, and nothing else", () => {
    for (const hostOf of [edgeHost, linkHost]) {
      everyRequest(hostOf, (request, actual, _, { project }) => {
        if (actual === undefined) return;
        const isSelected =
          parseSelector(request.lines).kind === "valid" ||
          parseShareLink(request.host, [project.edge.host]) !== undefined;
        const wanted = isSelected ? (edgeMiddlewares(project) as { name: string; namespace: string }[]) : [];
        const operators = actual.middlewares.filter((one) => !one.endsWith("-link"));
        assert.deepEqual(
          operators,
          wanted.map(({ name, namespace }) => `${namespace}/${name}`),
        );
      });
    }
  });

  it("set a link's own selector in place of the request's, wherever the link leads", () => {
    everyRequest(linkHost, (request, actual, expected, world) => {
      if (actual === undefined || answerWord(expected) === "503" || expected.kind !== "service") return;
      const [link, ...more] = actual.middlewares.filter((one) => one.endsWith("-link"));
      assert.deepEqual(more, [], JSON.stringify(request));
      const middleware = edgeObjects(world).find(
        ({ kind, metadata }) => kind === "Middleware" && `${metadata?.namespace}/${metadata?.name}` === link,
      );
      const spec = middleware?.spec as { headers: { customRequestHeaders: Record<string, string> } };
      const selector = expected.link === undefined ? undefined : formatSelector(expected.link);
      assert.deepEqual(spec.headers.customRequestHeaders, { "X-Canary": selector });
    });
  });
});
