import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSelector } from "@perch/header";
import fc from "fast-check";
import {
  anyListSelector,
  apexHosts,
  exactSelector,
  hostRule,
  linkHosts,
  pathRule,
} from "../../../../src/manifests/edge/traefik/rules.ts";
import { ruleMatcher } from "./rule-model.ts";

const matches = (rule: string, request: { host?: string; path?: string; line?: string }) =>
  ruleMatcher(rule)({
    host: request.host ?? "",
    path: request.path ?? "/",
    lines: request.line === undefined ? [] : [request.line],
  });

describe("rules", () => {
  it("take a prefix with what is below it, and not what only begins like it", () => {
    const paths = ["/api", "/api/", "/api/items", "/apix", "/", "/x/api"].filter((path) =>
      matches(pathRule("/api"), { path }),
    );
    assert.deepEqual(paths, ["/api", "/api/", "/api/items"]);
    assert.ok(matches(pathRule("/"), { path: "/anything" }));
  });

  it("take a host's dots as dots", () => {
    assert.ok(matches(linkHosts("a.b"), { host: "pr-7.a.b" }));
    assert.ok(!matches(linkHosts("a.b"), { host: "pr-7.axb" }));
    assert.ok(!matches(linkHosts("a.b"), { host: "x.pr-7.a.b" }));
    assert.ok(!matches(hostRule("a.b"), { host: "axb" }));
  });

  it("take a callee by its short and long names of one namespace", () => {
    const hosts = [
      "store",
      "store.apps",
      "store.apps.svc",
      "store.apps.svc.cluster.local",
      "store.apps.svc.x",
    ];
    for (const host of hosts) assert.ok(matches(apexHosts("store", "apps"), { host }), host);
    for (const host of ["xstore", "store.x", "store.apps.x", "store.apps.svcx", "api"]) {
      assert.ok(!matches(apexHosts("store", "apps"), { host }), host);
    }
  });

  it("take under one of the two parents exactly what the grammar takes, where a service is named once", () => {
    const line = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "b", "=", ",", "1", "0", "-", " ", "A"), maxLength: 9 }),
      fc
        .array(fc.tuple(fc.stringMatching(/^[a-z]{1,12}[0-9]?$/), fc.nat(12)), { maxLength: 18 })
        .map((entries) => [...new Map(entries)].map(([service, pr]) => `${service}=${pr}`).join(",")),
    );
    fc.assert(
      fc.property(line, (text) => {
        const names = text.split(",").map((entry) => entry.split("=")[0]);
        fc.pre(new Set(names).size === names.length && !text.includes("-canary-pr-"));
        const isTaken =
          matches(exactSelector("a"), { line: text }) || matches(anyListSelector(), { line: text });
        assert.equal(isTaken, parseSelector([text]).kind === "valid", text);
      }),
      { numRuns: 2000 },
    );
  });
});
