import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEAST, problemsOf, withService } from "./fixtures.ts";

const HTTP = ["repo: acme/shop", "protocol: http"];
const GRPC = ["repo: acme/shop", "protocol: grpc", "grpcServices: [a.v1.A]"];

describe("names of services", () => {
  const named = (name: string) => problemsOf(`${LEAST}  ${name}: { repo: acme/shop, protocol: http }\n`);

  it("follow the selector's grammar", () => {
    const message = "expected a service name of lower-case letters, digits and inner hyphens, a letter first";
    for (const name of ["Api", "1api", "api-", "a_b", "a.b"]) {
      assert.deepEqual(named(name), [`6:3 services.${name}: ${message}`]);
    }
    assert.deepEqual(named("a"), []);
  });

  it("have at most 40 characters, so that a canary's namespace fits in 63", () => {
    assert.deepEqual(named("x".repeat(40)), []);
    assert.deepEqual(named("x".repeat(41)), [
      `6:3 services.${"x".repeat(41)}: a service name of 41 characters; at most 40, so that <service>-canary-pr-<number> fits a Kubernetes name`,
    ]);
  });

  it("do not look like a canary's", () => {
    assert.deepEqual(named("a-canary-pr-1"), [
      '6:3 services.a-canary-pr-1: a service name must not contain "-canary-pr-", which names canaries',
    ]);
  });
});

describe("keys that depend on the protocol", () => {
  it("grpc needs grpcServices", () => {
    assert.deepEqual(problemsOf(withService("repo: acme/shop", "protocol: grpc")), [
      "4:3 services.api.grpcServices: missing; a grpc service lists what it serves, such as [store.v1.StoreService]",
    ]);
  });

  it("http refuses grpcServices", () => {
    assert.deepEqual(problemsOf(withService(...HTTP, "grpcServices: [a.v1.A]")), [
      "7:5 services.api.grpcServices: only for protocol: grpc, and this service is http",
    ]);
  });

  it("grpc refuses edge", () => {
    assert.deepEqual(problemsOf(withService(...GRPC, "edge: /")), [
      "8:5 services.api.edge: the edge takes only HTTP, and this service is grpc; call it from an http service by calls",
    ]);
  });

  it("readiness is asked in the service's own protocol", () => {
    assert.deepEqual(problemsOf(withService(...HTTP, "local: { start: x, ready: grpc }")), [
      '7:31 services.api.local.ready: expected a path, for an http service; found "grpc"',
    ]);
    assert.deepEqual(problemsOf(withService(...GRPC, "local: { start: x, ready: /readyz }")), [
      '8:31 services.api.local.ready: expected grpc, for a grpc service; found "/readyz"',
    ]);
  });
});

describe("calls and local.env", () => {
  it("calls names a service of the file", () => {
    assert.deepEqual(problemsOf(withService(...HTTP, "calls: { A: nothing-like-it }")), [
      '7:17 services.api.calls.A: no service "nothing-like-it" in this file; services: "api"',
    ]);
  });

  it("variables have names that an environment can hold", () => {
    const message = "expected the name of an environment variable: letters, digits and _, no digit first";
    const text = withService(...HTTP, "calls: { STORE-ADDR: api }", 'local: { start: x, env: { 1A: "1" } }');
    assert.deepEqual(problemsOf(text), [
      `7:14 services.api.calls.STORE-ADDR: ${message}`,
      `8:31 services.api.local.env.1A: ${message}`,
    ]);
  });

  it("variables that perch sets cannot be set", () => {
    const text = withService(
      ...HTTP,
      "database: dynamodb",
      "calls: { CANARY_PR: api }",
      'local: { start: x, env: { PORT: "1", AWS_REGION: eu } }',
    );
    assert.deepEqual(problemsOf(text), [
      "8:14 services.api.calls.CANARY_PR: perch sets this variable itself",
      "9:31 services.api.local.env.PORT: perch sets this variable itself",
      "9:42 services.api.local.env.AWS_REGION: perch sets this variable itself, for database: dynamodb",
    ]);
  });

  it("a variable comes from calls or from env, not from both", () => {
    const text = withService(...HTTP, "calls: { SELF: api }", "local: { start: x, env: { SELF: y } }");
    assert.deepEqual(problemsOf(text), [
      '8:31 services.api.local.env.SELF: calls sets this variable, to the address of "api"',
    ]);
  });

  it("a service that runs on one machine calls one that does too, or is told another address", () => {
    const store = "  store: { repo: acme/shop, protocol: http }\n";
    const caller = (local: string) => withService(...HTTP, "calls: { STORE_ADDR: store }", local) + store;
    assert.deepEqual(problemsOf(caller("local: { start: x }")), [
      '7:26 services.api.calls.STORE_ADDR: "store" has no local block, so nothing runs at this address on one machine; give "store" a local block, or this service STORE_ADDR in local.env',
    ]);
    assert.deepEqual(problemsOf(caller('local: { start: x, env: { STORE_ADDR: "h:1" } }')), []);
  });
});

describe("values that must differ or agree", () => {
  it("a prefix leads to one service", () => {
    const text = `${LEAST}  a: { repo: acme/shop, protocol: http, edge: /x }\n  b: { repo: acme/shop, protocol: http, edge: /x }\n`;
    assert.deepEqual(problemsOf(text), [
      '7:47 services.b.edge: "/x" already leads to "a"; a prefix leads to one service',
    ]);
  });

  it("a repository has one spelling", () => {
    assert.deepEqual(problemsOf(`${LEAST}  a: { repo: Acme/shop, protocol: http }\n`), [
      '6:14 services.a.repo: differs only in case from "acme/shop"; expected one spelling for one repository',
    ]);
  });

  it("lists have no repetition", () => {
    assert.deepEqual(problemsOf(withService(...HTTP, "paths:", "  - a", "  - b", "  - a")), [
      '10:9 services.api.paths[2]: "a" is given twice',
    ]);
  });

  it("maxReplicas is at least replicas", () => {
    assert.deepEqual(problemsOf(`${LEAST}canary: { replicas: 3, maxReplicas: 2 }\n`), [
      "6:37 canary.maxReplicas: expected at least canary.replicas, which is 3; found 2",
    ]);
  });

  it("a certificate is only where TLS is", () => {
    assert.deepEqual(problemsOf(`${LEAST}edge: { certificate: dev-tls }\n`), [
      "6:9 edge.certificate: only with edge.tls: true",
    ]);
  });
});
