import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EMPTY, readRecord, type Served, withServed } from "../../src/served/record.ts";
import { trailLines, verdictOf, verdictOfPage, verdictText } from "../../src/served/verdict.ts";

function served(change: Partial<Served> = {}): Served {
  return {
    url: "http://host/",
    type: "xmlhttprequest",
    method: "GET",
    status: 200,
    at: 1,
    meant: "7",
    isCached: false,
    ...change,
  };
}

describe("verdictOf", () => {
  it("tells the canary that was meant from every other", () => {
    const claims: [trail: string | undefined, meant: string, verdict: string][] = [
      ['"api";pr=7', "7", "canary"],
      ['"api", "store";pr=7', "store=7", "canary"],
      ['"api", "store"', "7", "stable"],
      ['"api";pr=8', "7", "stable"],
      ['"api";pr=7', "store=7", "stable"],
      ['"api", "store";pr=7;note=unreachable', "7", "unreachable"],
      ['"api", "store";note=unreachable', "7", "unreachable"],
      [undefined, "7", "unknown"],
      ["nonsense", "7", "unknown"],
      ['"api";pr=7', "", "untagged"],
    ];
    for (const [trail, meant, verdict] of claims)
      assert.equal(
        verdictOf(served({ meant, ...(trail !== undefined && { trail }) })),
        verdict,
        `${trail} ${meant}`,
      );
    assert.equal(verdictOf(served({ status: 503 })), "unreachable");
  });

  it("never throws, whatever a server sends", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (trail, meant) =>
        assert.ok(verdictText(verdictOf(served({ trail, meant })))),
      ),
    );
  });
});

describe("a page's record", () => {
  it("begins anew with a page, and warns only while nothing reached its canary", () => {
    let record = withServed(EMPTY, served({ trail: '"api"' }));
    assert.equal(verdictOfPage(record), "stable");
    record = withServed(record, served({ trail: '"api";pr=7' }));
    assert.equal(verdictOfPage(record), "canary");
    record = withServed(record, served({ type: "main_frame", meant: "" }));
    assert.equal(verdictOfPage(record), "untagged");
    assert.equal(record.served.length, 1);
  });

  it("keeps the newest hundred, and counts the rest", () => {
    let record = EMPTY;
    for (let at = 0; at < 250; at += 1) record = withServed(record, served({ at }));
    assert.equal(record.served.length, 100);
    assert.equal(record.served.at(-1)?.at, 249);
    assert.equal(record.left, 150);
  });

  it("is read from whatever is stored", () => {
    fc.assert(fc.property(fc.anything(), (stored) => assert.ok(Array.isArray(readRecord(stored).served))));
    const record = withServed(EMPTY, served());
    assert.deepEqual(readRecord(JSON.parse(JSON.stringify(record))), record);
  });
});

describe("trailLines", () => {
  it("says each hop in words", () => {
    const hops = [
      { service: "api", rev: "v1" },
      { service: "store", pr: 7, n: 3 },
      { service: "mail", note: "unreachable" as const },
    ];
    assert.deepEqual(trailLines({ hops, cut: 2 }), [
      "api: stable, v1",
      "store: canary of PR 7, 3×",
      "mail: gave no answer",
      "2 more left out",
    ]);
  });
});
