import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { selectorInForce, selectorOf } from "../../src/options/in-force.ts";
import {
  NO_POLICY,
  readOptions,
  readPolicy,
  withoutPolicy,
  withSelector,
} from "../../src/options/options.ts";
import { readTabs, storedTabs } from "../../src/options/tabs.ts";

const EMPTY = { enabled: true, selector: "", targets: [], pages: [], statusUrl: "", recents: [] };

describe("readOptions", () => {
  it("reads anything without an error, and gives options that it reads again as they are", () => {
    const key = fc.constantFrom("enabled", "selector", "targets", "pages", "statusUrl", "recents");
    const value = fc.oneof(
      fc.anything(),
      fc.constantFrom("7", "api=1,store=2", "http://localhost:8090"),
      fc.array(fc.anything()),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(key, value)), (stored) => {
        const options = readOptions(stored);
        assert.deepEqual(readOptions(options), options);
      }),
      { numRuns: 2_000 },
    );
  });

  it("starts empty, and leaves out what is none", () => {
    assert.deepEqual(readOptions(undefined), EMPTY);
    assert.deepEqual(
      readOptions({
        selector: "1,2",
        targets: ["localhost:8080", "*", 7, "localhost:8080"],
        pages: ["https://shop.example.com/items", "javascript:1"],
        statusUrl: "http://localhost:8090/",
        recents: ["007", "8"],
      }),
      {
        ...EMPTY,
        targets: ["localhost:8080"],
        pages: ["https://shop.example.com"],
        statusUrl: "http://localhost:8090",
        recents: ["8"],
      },
    );
  });

  it("has what a policy sets, which nothing stored removes", () => {
    const policy = readPolicy({
      targets: ["api.example.com"],
      pages: [],
      statusUrl: "https://perch.example.com",
    });
    const options = readOptions({ targets: ["localhost:1"] }, policy);
    assert.deepEqual(options.targets, ["api.example.com", "localhost:1"]);
    assert.equal(options.statusUrl, "https://perch.example.com");
    assert.equal(readOptions({ statusUrl: "http://localhost:2" }, policy).statusUrl, "http://localhost:2");
    assert.deepEqual(readPolicy("nonsense"), NO_POLICY);
  });

  it("keeps nothing of a policy as a person's own: it ends with the policy", () => {
    const policy = readPolicy({ targets: ["api.example.com"], pages: ["https://shop.example.com"] });
    const own = withoutPolicy(readOptions({ targets: ["localhost:1"], selector: "7" }, policy), policy);
    assert.deepEqual([own.targets, own.pages, own.selector], [["localhost:1"], [], "7"]);
    const statusUrl = "https://perch.example.com";
    assert.equal(
      withoutPolicy(readOptions({}, { ...policy, statusUrl }), { ...policy, statusUrl }).statusUrl,
      "",
    );
    assert.equal(withoutPolicy(readOptions({ statusUrl }, policy), policy).statusUrl, statusUrl);
  });

  it("keeps the newest selectors, each once", () => {
    const options = ["1", "2", "1", "3"].reduce(withSelector, readOptions(undefined));
    assert.deepEqual(options.recents, ["3", "1", "2"]);
  });
});

describe("tabs", () => {
  it("come back from the store as they went in, and nothing else does", () => {
    const tabs = new Map([
      [1, "7"],
      [2, ""],
      [3, "api=1,store=2"],
    ]);
    assert.deepEqual(readTabs(JSON.parse(JSON.stringify(storedTabs(tabs)))), tabs);
    fc.assert(fc.property(fc.anything(), (stored) => assert.ok(readTabs(stored) instanceof Map)));
    assert.deepEqual(readTabs({ x: "7", "1": "1,2", "-1": "7" }), new Map());
  });

  it("win over what all send, also with none", () => {
    const options = readOptions({ selector: "7", targets: ["host"] });
    const tabs = readTabs({ 1: "api=8", 2: "" });
    assert.deepEqual(
      [1, 2, 3].map((tab) => selectorInForce(options, tabs, tab)),
      ["api=8", "", "7"],
    );
    assert.equal(selectorInForce({ ...options, enabled: false }, tabs, 1), "");
    assert.equal(selectorOf(options, tabs, 3, "https://host/x"), "7");
    assert.equal(selectorOf(options, tabs, 3, "https://other/x"), "");
  });
});
