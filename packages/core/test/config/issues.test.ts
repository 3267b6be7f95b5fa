import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEAST, problemsOf, withService } from "./fixtures.ts";

const HTTP = ["repo: acme/shop", "protocol: http"];

describe("an unknown key", () => {
  it("is told with the key that was meant", () => {
    const local = "local: { start: x, readyTimeuot: 5s, ready-timeout: 5s }";
    assert.deepEqual(problemsOf(withService(...HTTP, local)), [
      '7:24 services.api.local.readyTimeuot: unknown key; did you mean "readyTimeout"?',
      '7:42 services.api.local.ready-timeout: unknown key; did you mean "readyTimeout"?',
    ]);
  });

  it("is told where it belongs", () => {
    assert.deepEqual(problemsOf(withService(...HTTP, "start: x", "mesh: none")), [
      "7:5 services.api.start: unknown key; it belongs in services.api.local",
      "8:5 services.api.mesh: unknown key; it belongs at the top level",
    ]);
  });

  it("is told with the keys that are known, when none is near", () => {
    assert.deepEqual(problemsOf(`${LEAST}canary: { quota: { disk: 5Gi } }\n`), [
      '6:20 canary.quota.disk: unknown key; known here: "cpu", "memory"',
    ]);
  });
});

describe("a wrong value is told with what was expected and what was found", () => {
  const PATH = 'relative to its root, with "/" and without ".." or patterns';
  const cases: readonly (readonly [line: string, problem: string])[] = [
    ["edge: []", "7:11 services.api.edge: expected a path prefix such as / or /api; found an empty list"],
    ["edge: api", '7:11 services.api.edge: expected a path prefix such as / or /api; found "api"'],
    ["edge: /api/", '7:11 services.api.edge: expected a path prefix such as / or /api; found "/api/"'],
    ["edge: /a/../b", '7:11 services.api.edge: expected a path prefix such as / or /api; found "/a/../b"'],
    ["edge: /a`b", '7:11 services.api.edge: expected a path prefix such as / or /api; found "/a`b"'],
    ["path: /etc", `7:11 services.api.path: expected the folder of the repository, ${PATH}; found "/etc"`],
    [
      "path: a/../../b",
      `7:11 services.api.path: expected the folder of the repository, ${PATH}; found "a/../../b"`,
    ],
    [
      "paths: ['src/**']",
      `7:13 services.api.paths[0]: expected a folder or file of the repository, ${PATH}; found "src/**"`,
    ],
    [
      "paths: []",
      "7:12 services.api.paths: expected a list of folders and files of the repository; found an empty list",
    ],
    [
      "paths: src",
      '7:12 services.api.paths: expected a list of folders and files of the repository; found "src"',
    ],
    ["database: postgres", '7:15 services.api.database: expected dynamodb; found "postgres"'],
    ["calls: [store]", "7:12 services.api.calls: expected a map of variable names to services; found a list"],
    ["calls: { A: 1 }", "7:17 services.api.calls.A: expected the name of a service; found 1"],
    ["local: {}", "7:5 services.api.local.start: missing; expected a shell command"],
    ["local: { start: '' }", '7:21 services.api.local.start: expected a shell command; found ""'],
    [
      "local: { start: x, ready: readyz }",
      '7:31 services.api.local.ready: expected "grpc" or a path such as /readyz; found "readyz"',
    ],
    [
      "local: { start: x, readyTimeout: 2h }",
      '7:38 services.api.local.readyTimeout: expected a duration such as 60s (ms, s, m, h or d; at most 1h); found "2h"',
    ],
    [
      "local: { start: x, stopTimeout: 0s }",
      '7:37 services.api.local.stopTimeout: expected a duration such as 10s (ms, s, m, h or d; at most 1h); found "0s"',
    ],
  ];
  for (const [line, problem] of cases) {
    it(`in a service: ${line}`, () => assert.deepEqual(problemsOf(withService(...HTTP, line)), [problem]));
  }

  const roots: readonly (readonly [line: string, problem: string])[] = [
    [
      "registry: https://ghcr.io/acme",
      '6:11 registry: expected a registry such as ghcr.io/acme, without scheme and final /; found "https://ghcr.io/acme"',
    ],
    [
      "edge: { host: localhost:8080 }",
      '6:15 edge.host: expected a host name in lower case, without scheme and port; found "localhost:8080"',
    ],
    [
      "edge: { host: 127.0.0.1 }",
      '6:15 edge.host: expected a host name in lower case, without scheme and port; found "127.0.0.1"',
    ],
    ["edge: { tls: yes }", '6:14 edge.tls: expected true or false; found "yes"'],
    [
      "edge: { entryPoints: [] }",
      "6:22 edge.entryPoints: expected a list of Traefik entry points; found an empty list",
    ],
    ["canary: { replicas: 0 }", "6:21 canary.replicas: expected a whole number from 1 to 100; found 0"],
    ["canary: { maxOpen: 1.5 }", "6:20 canary.maxOpen: expected a whole number from 1 to 1000; found 1.5"],
    [
      "canary: { idle: 15 min }",
      '6:17 canary.idle: expected a duration such as 15m (ms, s, m, h or d; at most 365d); found "15 min"',
    ],
    [
      "canary: { quota: { cpu: two } }",
      '6:25 canary.quota.cpu: expected a Kubernetes quantity such as "2" or 500m; found "two"',
    ],
    [
      "canary: { quota: { memory: 512m } }",
      '6:28 canary.quota.memory: expected a Kubernetes quantity such as 512Mi or 2Gi (at least 1Mi); found "512m"',
    ],
  ];
  for (const [line, problem] of roots) {
    it(`at the top level: ${line}`, () => assert.deepEqual(problemsOf(`${LEAST}${line}\n`), [problem]));
  }

  it("in grpcServices", () => {
    const text = withService("repo: acme/shop", "protocol: grpc", "grpcServices: [store/v1]");
    assert.deepEqual(problemsOf(text), [
      '7:20 services.api.grpcServices[0]: expected a full gRPC service name such as store.v1.StoreService; found "store/v1"',
    ]);
  });

  it("in repo", () => {
    for (const repo of [
      "shop",
      "acme/shop/x",
      "acme/..",
      "-a/shop",
      "acme/shop.git",
      "https://github.com/a/b",
    ]) {
      assert.deepEqual(problemsOf(withService(`repo: ${repo}`, "protocol: http")), [
        `5:11 services.api.repo: expected a repository such as acme/shop; found "${repo}"`,
      ]);
    }
  });

  it("in project, apiVersion and an empty map of services", () => {
    assert.deepEqual(problemsOf("apiVersion: 1\nproject: My Shop\nservices: {}\n"), [
      "1:13 apiVersion: expected perch.dev/v1, the only version that this perch reads; found 1",
      '2:10 project: expected a name of lower-case letters, digits and hyphens, at most 40; found "My Shop"',
      "3:11 services: expected a map of at least one service; found an empty map",
    ]);
  });
});
