import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closedLink } from "../../../src/routes/http/refusals.ts";
import { routeAtEdge, routeToService } from "../../../src/routes/http/routing.ts";
import { tableOf } from "./harness.ts";

const table = tableOf({
  api: {
    stable: "stable-api:1",
    canaries: { 7: { address: "canary-api:1" }, 8: { state: "building" } },
    prefix: "/api",
  },
  store: { canaries: { 7: { address: "canary-store:1" } } },
});
const request = (path: string, selectorLines: string[] = [], host = "localhost") => ({
  host,
  path,
  selectorLines,
});

describe("routeAtEdge", () => {
  it("forwards to the canary that the selector names, and leaves the header alone", () => {
    const routing = routeAtEdge(table, request("/api", ["7"]));
    assert.ok(routing.kind === "forward");
    assert.equal(routing.backend.address, "canary-api:1");
    assert.deepEqual(routing.selector, { kind: "pr", pr: 7 });
    assert.equal(routing.link, undefined);
  });

  it("forwards a share link with the selector that it stands for", () => {
    const one = routeAtEdge(table, request("/api", ["8"], "pr-7.localhost:8080"));
    const named = routeAtEdge(table, request("/api", [], "store-pr-7.localhost"));
    assert.ok(one.kind === "forward" && named.kind === "forward");
    assert.deepEqual([one.backend.address, one.link], ["canary-api:1", "7"]);
    assert.deepEqual([named.backend.address, named.link], ["stable-api:1", "store=7"]);
  });

  it("acts on no selector when the one sent is invalid", () => {
    const routing = routeAtEdge(table, request("/api", ["007"]));
    assert.ok(routing.kind === "forward");
    assert.deepEqual([routing.backend.address, routing.selector], ["stable-api:1", undefined]);
  });

  it("refuses an unready canary with its state, and says where to look", () => {
    const routing = routeAtEdge(table, request("/api/x", ["8"]));
    assert.ok(routing.kind === "refuse");
    const { status, code, service, pr, state, selector, retryAfter, detail } = routing.refusal;
    assert.deepEqual([status, code, service, pr, state], [503, "NOT_READY", "api", 8, "building"]);
    assert.deepEqual(selector, { kind: "pr", pr: 8 });
    assert.ok(retryAfter !== undefined && retryAfter > 0);
    assert.match(detail, /canary of PR 8 of api is building.*perch logs api --pr 8/);
  });

  it("refuses a closed share link and a path of no service", () => {
    const link = routeAtEdge(table, request("/api", [], "pr-9.localhost"));
    const path = routeAtEdge(table, request("/apix"));
    assert.deepEqual(
      [link, path].map(
        (routing) => routing.kind === "refuse" && [routing.refusal.status, routing.refusal.code],
      ),
      [
        [404, "CLOSED_LINK"],
        [404, "NO_ROUTE"],
      ],
    );
  });
});

describe("routeToService", () => {
  it("routes by selector alone, whatever host and path", () => {
    const routing = routeToService(table, "api", request("/any", ["api=7"], "pr-8.localhost"));
    assert.ok(routing.kind === "forward");
    assert.deepEqual([routing.backend.address, routing.link], ["canary-api:1", undefined]);
  });

  it("refuses an unready stable and a service that is not in the table", () => {
    const unready = routeToService(table, "store", request("/"));
    const unknown = routeToService(table, "gone", request("/"));
    assert.deepEqual(
      [unready, unknown].map(
        (routing) => routing.kind === "refuse" && [routing.refusal.status, routing.refusal.state],
      ),
      [
        [503, "starting"],
        [404, undefined],
      ],
    );
  });
});

describe("closedLink", () => {
  it("names the pull request, and the service where the link does", () => {
    assert.match(closedLink({ kind: "pr", pr: 9 }).detail, /Pull request 9 has no canary/);
    assert.match(
      closedLink({ kind: "list", entries: new Map([["store", 9]]) }).detail,
      /store has no canary of pull request 9/,
    );
  });
});
