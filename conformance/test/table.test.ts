import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type InvalidReason, parseSelector, SELECTOR_HEADER } from "@perch/header";
import { CASES, type Case, EDGE_HOST, type Expectation, TABLE, WORLDS } from "../src/index.ts";

const HOP = /^([a-z-]+)(?:@([1-9][0-9]*)|!)?$/;

function expectationsOf(one: Case): Expectation[] {
  return [one.expect, ...Object.values(one.deviates ?? {}).map(({ expect }) => expect)];
}

function isValid(line: string): boolean {
  return parseSelector(line).kind === "valid";
}

describe("the table", () => {
  it("has at least 120 cases, and each group some", () => {
    assert.ok(CASES.length >= 120, String(CASES.length));
    for (const [group, cases] of Object.entries(TABLE)) assert.ok(cases.length >= 8, group);
  });

  it("makes each claim once", () => {
    const titles = CASES.map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
  });

  it("asks each question once", () => {
    const questions = CASES.map(({ world, request }) => JSON.stringify([world.name, request]));
    assert.deepEqual(
      questions.filter((question, index) => questions.indexOf(question) !== index),
      [],
    );
  });

  it("expects only hops that its world has: canaries that are ready, calls that can fail", () => {
    for (const one of CASES) {
      for (const hop of expectationsOf(one).flatMap(({ hops }) => hops)) {
        const [, service, pr] = HOP.exec(hop) ?? [];
        assert.ok(
          one.world.services.some(({ name }) => name === service),
          `${one.title}: ${hop}`,
        );
        if (pr === undefined) continue;
        const canary = one.world.canaries.find((c) => c.service === service && c.pr === Number(pr));
        assert.equal(canary?.ready, true, `${one.title}: ${hop}`);
      }
    }
  });

  it("expects an echo only where a selector is acted on", () => {
    for (const { title, expect } of CASES) {
      if (expect.echo === undefined) continue;
      assert.equal(parseSelector([expect.echo]).kind, "valid", title);
      assert.equal(expect.invalid, undefined, title);
    }
  });

  it("says invalid exactly where the grammar does, unless a share link replaces the header", () => {
    for (const { title, request, expect } of CASES) {
      if ((request.headerName ?? SELECTOR_HEADER).toLowerCase() !== SELECTOR_HEADER) continue;
      const isLink = request.host !== undefined && request.host.toLowerCase() !== EDGE_HOST;
      if (isLink && !request.host?.startsWith(`${EDGE_HOST}:`)) continue;
      const kind = parseSelector(request.lines.map((line) => line.trim())).kind;
      assert.equal(expect.invalid === true, kind === "invalid", title);
    }
  });

  it("has every way to be invalid", () => {
    const reasons = new Set<InvalidReason>();
    for (const { request } of CASES) {
      const parsed = parseSelector(request.lines);
      if (parsed.kind === "invalid") reasons.add(parsed.reason);
    }
    assert.deepEqual([...reasons].sort(), [
      "differing-lines",
      "duplicate-service",
      "malformed",
      "too-long",
      "too-many-entries",
    ]);
  });

  it("goes to the limits of what is valid: 256 bytes, 16 services, names of 40 characters", () => {
    const valid = CASES.flatMap(({ request }) => request.lines).filter((line) => isValid(line.trim()));
    const lists = valid.map((line) => line.trim().split(","));
    assert.equal(Math.max(...valid.map((line) => line.trim().length)), 256);
    assert.equal(Math.max(...lists.map((entries) => entries.length)), 16);
    assert.equal(Math.max(...lists.flat().map((entry) => entry.indexOf("="))), 40);
  });

  it("gives a reason for each deviation, and each is one", () => {
    for (const { title, deviates = {}, expect } of CASES) {
      for (const deviation of Object.values(deviates)) {
        assert.match(deviation.why, /\w+ \w+/, title);
        assert.notDeepEqual(deviation.expect, expect, title);
      }
    }
  });

  it("lets a mesh deviate only between services, where there is one", () => {
    for (const { title, request, deviates } of CASES) {
      if (deviates?.linkerd !== undefined) assert.notEqual(request.apex, undefined, title);
    }
  });

  it("uses every world, and every ready canary", () => {
    assert.deepEqual(new Set(CASES.map(({ world }) => world)), new Set(WORLDS));
    const served = new Set(CASES.flatMap(({ expect }) => expect.hops));
    const ready = WORLDS.flatMap(({ canaries }) => canaries).filter((canary) => canary.ready);
    assert.deepEqual(
      ready.map(({ service, pr }) => `${service}@${pr}`).filter((hop) => !served.has(hop)),
      [],
    );
  });
});
