import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { configError, parseConfig } from "../../src/config/index.ts";
import { PerchError } from "../../src/errors.ts";
import { LEAST, PERCH_YAML, problemsOf } from "./fixtures.ts";

describe("parseConfig", () => {
  it("tells all problems at once, in the order of the file", () => {
    const text = `apiVersion: perch.dev/v2
mesh: istio
edgee: {}
services:
  Api:
    repo: acme
    path: ../elsewhere
    protocol: htp
    edge:
    calls: { STORE_ADDR: stor }
    local: { start: run, ready_timeout: 5s, env: { DEBUG: true } }
  store:
    repo: acme/shop
    protocol: grpc
canary: { ttl: 7 }
`;
    assert.deepEqual(problemsOf(text), [
      "1:1 project: missing; expected a name of lower-case letters, digits and hyphens, at most 40",
      '1:13 apiVersion: expected perch.dev/v1, the only version that this perch reads; found "perch.dev/v2"; did you mean "perch.dev/v1"?',
      '2:7 mesh: expected linkerd or none; found "istio"',
      '3:1 edgee: unknown key; did you mean "edge"?',
      "5:3 services.Api: expected a service name of lower-case letters, digits and inner hyphens, a letter first",
      '6:11 services.Api.repo: expected a repository such as acme/shop; found "acme"',
      '7:11 services.Api.path: expected the folder of the repository, relative to its root, with "/" and without ".." or patterns; found "../elsewhere"',
      '8:15 services.Api.protocol: expected http or grpc; found "htp"; did you mean "http"?',
      "9:5 services.Api.edge: expected a path prefix such as / or /api; found nothing",
      '10:26 services.Api.calls.STORE_ADDR: no service "stor" in this file; did you mean "store"?',
      '11:26 services.Api.local.ready_timeout: unknown key; did you mean "readyTimeout"?',
      "11:59 services.Api.local.env.DEBUG: expected text (put true, false, null and numbers in quotes); found true",
      "12:3 services.store.grpcServices: missing; a grpc service lists what it serves, such as [store.v1.StoreService]",
      "15:16 canary.ttl: expected a duration such as 7d (ms, s, m, h or d; at most 365d); found 7",
    ]);
  });

  it("names the file that it was given", () => {
    const result = parseConfig("", "shop/perch.yaml");
    assert.deepEqual(result, {
      ok: false,
      problems: [
        {
          file: "shop/perch.yaml",
          line: 1,
          column: 1,
          path: "",
          message: "expected a map with apiVersion, project and services; found nothing",
        },
      ],
    });
  });

  it("takes the repository's own perch.yaml, and the least that is valid", () => {
    assert.deepEqual(problemsOf(PERCH_YAML), []);
    assert.deepEqual(problemsOf(LEAST), []);
  });
});

test("configError has a line for each problem, and tells where the keys are described", () => {
  const result = parseConfig(`${LEAST}edgee: {}\ncanarys: {}\n`);
  assert.ok(!result.ok);
  const error = configError(result.problems);
  assert.ok(error instanceof PerchError);
  assert.equal(error.code, "CONFIG_INVALID");
  assert.equal(error.fault, "user");
  assert.deepEqual(error.message.split("\n"), [
    'perch.yaml:6:1 edgee: unknown key; did you mean "edge"?',
    'perch.yaml:7:1 canarys: unknown key; did you mean "canary"?',
  ]);
  assert.equal(error.hint, "Correct perch.yaml; docs/config.md describes every key.");
});

describe("on any input parseConfig answers, with a place inside the text", () => {
  function assertAnswers(text: string): void {
    const result = parseConfig(text);
    if (result.ok) return;
    assert.ok(result.problems.length > 0);
    const lines = text.split("\n");
    for (const { line, column, message, path } of result.problems) {
      assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
      assert.ok(column >= 1 && column <= (lines[line - 1] ?? "").length + 1, `column ${column}`);
      assert.match(message + path, /^[ -~…]+$/);
    }
  }

  it("for arbitrary text", () => {
    const yamlish = fc.string({ unit: fc.constantFrom(..."ab:-{}[]&*!|>'\"#%@, \n\t?<0~\u0000\u2028é") });
    fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), yamlish), assertAnswers), {
      numRuns: 2000,
    });
  });

  it("for a valid file with pieces cut out, doubled or replaced", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "",
        "\n",
        "  ",
        "{",
        "]",
        "*a",
        "&a ",
        ": ",
        "- ",
        "null",
        "__proto__:",
        "0",
        "..",
        "\t",
      ),
      fc.string({ maxLength: 5 }),
    );
    const position = fc.nat(PERCH_YAML.length);
    const edits = fc.array(fc.tuple(position, fc.nat(30), piece), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(edits, (all) => {
        const mutated = all.reduce(
          (text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut),
          PERCH_YAML,
        );
        assertAnswers(mutated);
      }),
      { numRuns: 1000 },
    );
  });

  it("for any data where a valid value was", () => {
    const keys = ["apiVersion", "project", "mesh", "edge", "registry", "services", "canary"];
    const data = fc.json({ maxDepth: 4 });
    const place = fc.oneof(
      fc
        .constantFrom(...keys)
        .map((key) => (json: string) => `${LEAST.replace(`${key}:`, `x-${key}:`)}${key}: ${json}\n`),
      fc
        .constantFrom(
          "repo",
          "path",
          "paths",
          "protocol",
          "edge",
          "grpcServices",
          "calls",
          "database",
          "local",
        )
        .map(
          (key) => (json: string) => `${LEAST}  other: { repo: a/b, protocol: grpc, "${key}": ${json} }\n`,
        ),
    );
    fc.assert(
      fc.property(place, data, (put, json) => assertAnswers(put(json))),
      { numRuns: 1000 },
    );
  });
});
