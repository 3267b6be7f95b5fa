import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { request } from "undici";
import { isTrustedHost } from "../../src/status/host-check.ts";
import { startTestEngine } from "../support/engine.ts";
import { makeRepository } from "../support/repository.ts";

describe("a Host header", () => {
  it("may name an address that is listened on, unless that stands for all addresses", () => {
    assert.equal(isTrustedHost("10.0.0.7:8090", [], ["10.0.0.7"]), true);
    assert.equal(isTrustedHost("[FD00:0::7]:8090", [], ["fd00::7"]), true);
    for (const [host, listening] of [
      ["10.0.0.8", "10.0.0.7"],
      ["0.0.0.0:8090", "0.0.0.0"],
      ["10.0.0.7", "0.0.0.0"],
      ["[::]:8090", "::"],
      ["10.0.0.7", "/run/perch.sock"],
    ] as const)
      assert.equal(isTrustedHost(host, [], [listening]), false, `${host} at ${listening}`);
  });

  it("may name what was configured, names and addresses", () => {
    const trusted = ["perch.example.com", "10.0.0.7", "fd00::7"];
    for (const host of ["perch.example.com:8090", "10.0.0.7", "[fd00:0::7]:1"])
      assert.equal(isTrustedHost(host, trusted), true, host);
    for (const host of ["example.com", "10.0.0.70", "[fd00::8]", ""])
      assert.equal(isTrustedHost(host, trusted), false, host);
  });
});

describe("the status API on other addresses than loopback", () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  const skip = outside === undefined ? "this machine has loopback addresses only" : false;
  const codeOf = async (url: string, host: string) =>
    (await request(`${url}/api/status`, { headers: { host } })).statusCode;

  it("answers to the address of --host that it listens on", { skip }, async (t) => {
    const repository = await makeRepository();
    t.after(() => repository.remove());
    const test = await startTestEngine(repository, { hosts: [outside ?? ""] });
    t.after(() => test.close());
    const { statusUrl } = test.engine;
    assert.equal(new URL(statusUrl).hostname, outside);
    assert.equal(await codeOf(statusUrl, new URL(statusUrl).host), 200);
    assert.equal(await codeOf(statusUrl, "203.0.113.10"), 403);
  });

  for (const all of ["0.0.0.0", "::"])
    it(`answers, on ${all}, to loopback and to the addresses of --status-name, and perch's own commands reach it`, async (t) => {
      const repository = await makeRepository();
      t.after(() => repository.remove());
      const statusNames = ["203.0.113.10", "[2001:DB8::7]"];
      const test = await startTestEngine(repository, { hosts: [all], statusNames });
      t.after(() => test.close());
      const { statusUrl } = test.engine;
      for (const host of [new URL(statusUrl).host, "203.0.113.10:8090", "[2001:db8::7]:8090"])
        assert.equal(await codeOf(statusUrl, host), 200, host);
      for (const host of [outside ?? "10.0.0.7", "203.0.113.11", "0.0.0.0", "[::]"])
        assert.equal(await codeOf(statusUrl, host), 403, host);
    });
});
