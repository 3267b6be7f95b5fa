import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readOptions } from "../../src/options/options.ts";
import { exportOptions, importOptions, shareAddress, sharedSelector } from "../../src/share/share.ts";

describe("links", () => {
  it("carry a selector in the fragment, beside whatever is there", () => {
    assert.deepEqual(sharedSelector("https://shop.example.com/a?b#x-canary=7"), {
      selector: "7",
      url: "https://shop.example.com/a?b",
    });
    assert.deepEqual(sharedSelector("http://host/#top&x-canary=api%3D7"), {
      selector: "api=7",
      url: "http://host/#top",
    });
    for (const address of [
      "http://host/",
      "http://host/?x-canary=7",
      "http://host/#x-canary=1,2",
      "http://host/#x-canary=%",
      "nonsense",
    ])
      assert.equal(sharedSelector(address), undefined, address);
  });

  it("are read as they were made", () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withFragments: true }),
        fc.constantFrom("7", "api=7,store=45"),
        (address, selector) => {
          const shared = sharedSelector(shareAddress(address, selector));
          assert.equal(shared?.selector, selector);
          assert.equal(shared?.url, new URL(address).href.replace(/#$/, ""));
        },
      ),
    );
  });
});

describe("an export", () => {
  const mine = readOptions({
    targets: ["api.example.com"],
    pages: ["https://shop.example.com"],
    selector: "7",
    statusUrl: "http://localhost:8090",
  });

  it("gives a colleague the same hosts, pages, status API and selector, beside their own", () => {
    const theirs = readOptions({ targets: ["localhost:1"], recents: ["9"] });
    const result = importOptions(exportOptions(mine), theirs);
    assert.ok(result.ok);
    assert.deepEqual(result.options, {
      ...mine,
      targets: ["localhost:1", "api.example.com"],
      recents: ["9"],
    });
  });

  it("is refused where it is none", () => {
    for (const text of ["", "{}", "[]", "null", '{"perch":2}', "nonsense"])
      assert.equal(importOptions(text, mine).ok, false, text);
  });
});
