import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatSelector, listSelector, prSelector, selectedPr } from "@perch/header";

describe("formatSelector", () => {
  it("writes a PR as its number", () => assert.equal(formatSelector(prSelector(123)), "123"));

  it("writes ten digits in full", () =>
    assert.equal(formatSelector(prSelector(9_999_999_999)), "9999999999"));

  it("sorts a list by service name", () => {
    assert.equal(
      formatSelector(
        listSelector([
          ["store", 45],
          ["api", 7],
        ]),
      ),
      "api=7,store=45",
    );
  });

  it("sorts by the name alone: `a` comes before `a-b` and `a1`", () => {
    assert.equal(
      formatSelector(
        listSelector([
          ["a1", 1],
          ["a-b", 2],
          ["a", 3],
        ]),
      ),
      "a=3,a-b=2,a1=1",
    );
  });
});

describe("selectedPr", () => {
  it("is the same PR for every service when the selector is a number", () => {
    assert.equal(selectedPr(prSelector(7), "anything"), 7);
  });

  it("is the PR of the named service when the selector is a list", () => {
    assert.equal(
      selectedPr(
        listSelector([
          ["api", 7],
          ["store", 45],
        ]),
        "store",
      ),
      45,
    );
  });

  it("is stable for a service that the list does not name", () => {
    assert.equal(selectedPr(listSelector([["api", 7]]), "store"), undefined);
    assert.equal(selectedPr(listSelector([["api", 7]]), "constructor"), undefined);
  });
});
