import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LiveCanary } from "../../src/canaries/canaries.ts";
import { choicesOf, entriesOf, withEntry } from "../../src/list/entries.ts";

const live = (number: number, ...services: string[]): LiveCanary => ({
  selector: String(number),
  number,
  title: `Number ${number}`,
  services: services.map((service) => ({ service, state: "ready", revision: "ab12cd34ef56" })),
});
const canaries = [live(9, "store"), live(7, "api", "store")];

describe("a choice for each service", () => {
  it("is what the text says; a bare number is that of every service with a live canary of it", () => {
    assert.deepEqual([...entriesOf(" store=45,api=7 ", canaries)].sort(), [
      ["api", 7],
      ["store", 45],
    ]);
    assert.deepEqual(
      [...entriesOf("7", canaries)],
      [
        ["api", 7],
        ["store", 7],
      ],
    );
    for (const none of ["", "8", "1,2", "api="]) assert.equal(entriesOf(none, canaries).size, 0, none);
  });

  it("is changed for one service at a time, also back to stable", () => {
    const entries = entriesOf("7", canaries);
    assert.equal(withEntry(entries, "store", 9), "api=7,store=9");
    assert.equal(withEntry(entries, "store", undefined), "api=7");
    assert.equal(withEntry(new Map([["api", 7]]), "api", undefined), "");
    // What is none stays as it is written, so that it can be said why.
    assert.equal(withEntry(new Map(), "a b", 7), "a b=7");
  });

  it("comes back from the text that it makes", () => {
    const service = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
    const entries = fc.dictionary(service, fc.integer({ min: 1, max: 9_999_999_999 }), { maxKeys: 8 });
    fc.assert(
      fc.property(entries, service, (some, added) => {
        const before = new Map(Object.entries(some));
        assert.deepEqual(entriesOf(withEntry(before, added, 5), []), new Map(before).set(added, 5));
      }),
    );
  });

  it("is between a service's live canaries and what is chosen already", () => {
    assert.deepEqual(
      [
        ...choicesOf(
          canaries,
          new Map([
            ["mail", 3],
            ["api", 8],
          ]),
        ),
      ],
      [
        ["api", [{ pr: 7, title: "Number 7" }, { pr: 8 }]],
        ["mail", [{ pr: 3 }]],
        [
          "store",
          [
            { pr: 9, title: "Number 9" },
            { pr: 7, title: "Number 7" },
          ],
        ],
      ],
    );
  });
});
