import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readOptions } from "../../src/options/options.ts";
import { accessOf } from "../../src/rules/access.ts";
import { rulesOfAll, rulesOfTabs } from "../../src/rules/plan.ts";

const targets = ["api.example.com", "localhost:8080"];
const options = readOptions({ selector: "7", targets });

describe("rules", () => {
  it("set the selector on each target, for every kind of request", () => {
    const rules = rulesOfAll(options);
    assert.deepEqual(
      rules.map(({ condition }) => condition.urlFilter),
      ["api.example.com/", "localhost:8080/"].flatMap((rest) =>
        ["http", "https", "ws", "wss"].map((scheme) => `|${scheme}://${rest}`),
      ),
    );
    for (const { action, condition } of rules) {
      assert.deepEqual(action.requestHeaders, [{ header: "x-canary", operation: "set", value: "7" }]);
      for (const type of ["main_frame", "sub_frame", "xmlhttprequest", "websocket"])
        assert.ok(condition.resourceTypes.includes(type), type);
    }
  });

  it("are none without a selector, without a target, or while it is off", () => {
    assert.deepEqual(rulesOfAll({ ...options, selector: "" }), []);
    assert.deepEqual(rulesOfAll({ ...options, targets: [] }), []);
    assert.deepEqual(rulesOfAll({ ...options, enabled: false }), []);
    assert.deepEqual(rulesOfTabs({ ...options, enabled: false }, new Map([[1, "8"]])), []);
  });

  it("of a tab come before those of all, and take the header away where it is to send none", () => {
    const rules = rulesOfTabs(
      options,
      new Map([
        [1, "8"],
        [2, ""],
        [3, "8"],
      ]),
    );
    const [set, remove] = [rules.at(0), rules.at(-1)];
    assert.ok((set?.priority ?? 0) > (rulesOfAll(options)[0]?.priority ?? 0));
    assert.deepEqual(set?.condition.tabIds, [1, 3]);
    assert.deepEqual(remove?.action.requestHeaders, [{ header: "x-canary", operation: "remove" }]);
    assert.deepEqual(remove?.condition.tabIds, [2]);
  });

  it("have a number each, whatever there is", () => {
    const tabs = fc
      .array(fc.tuple(fc.nat(), fc.constantFrom("", "7", "api=8")))
      .map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(tabs, (some) => {
        const ids = rulesOfTabs(options, some).map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
      }),
    );
  });

  it("need access to their hosts and pages, WebSockets included, and to nothing else", () => {
    assert.deepEqual(accessOf({ targets: ["localhost:8080"], pages: ["https://shop.example.com:8443"] }), [
      "*://localhost/*",
      "ws://localhost/*",
      "wss://localhost/*",
      "*://shop.example.com/*",
    ]);
  });
});
