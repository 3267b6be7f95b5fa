import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openPlaces } from "../../src/processes/places.ts";

/** Canaries that come and go, in the order in which they got a place. */
function canaries(most: number) {
  const places = openPlaces(most);
  const entered: string[] = [];
  const leaves = new Map<string, () => void>();
  return {
    places,
    entered,
    come: (canary: string, owner = canary, signal = new AbortController().signal) =>
      places.take(canary, owner, signal).then((leave) => {
        entered.push(canary);
        leaves.set(canary, leave);
      }),
    go: async (canary: string) => {
      leaves.get(canary)?.();
      await settled();
    },
  };
}

const settled = () => new Promise(setImmediate);

describe("places for canaries' processes", () => {
  it("are as many as may run at once; who comes then waits until one goes", async () => {
    const { come, go, entered } = canaries(2);
    for (const canary of ["a", "b", "c", "d"]) void come(canary);
    await settled();
    assert.deepEqual(entered, ["a", "b"]);
    await go("b");
    assert.deepEqual(entered, ["a", "b", "c"]);
    await go("a");
    assert.deepEqual(entered, ["a", "b", "c", "d"]);
  });

  it("go round among pull requests, however many canaries one of them has", async () => {
    const { come, go, entered } = canaries(2);
    for (const canary of ["a1", "a2", "a3", "a4"]) void come(canary, "a");
    void come("b1", "b");
    await settled();
    assert.deepEqual(entered, ["a1", "a2"]);
    await go("a1");
    assert.deepEqual(entered, ["a1", "a2", "b1"]);
    await go("a2");
    assert.deepEqual(entered, ["a1", "a2", "b1", "a3"]);
  });

  it("are none for a roll: a canary's next revision starts beside the one that serves", async () => {
    const { places, come, go, entered } = canaries(1);
    const leaveOld = places.keep("a", "a");
    void come("a");
    void come("b");
    await settled();
    assert.deepEqual(entered, ["a"]);
    leaveOld();
    await settled();
    assert.deepEqual(entered, ["a"], "the new revision has the place");
    await go("a");
    assert.deepEqual(entered, ["a", "b"]);
  });

  it("are not waited for by what is closed meanwhile", async () => {
    const { come, go, entered } = canaries(1);
    const closing = new AbortController();
    void come("a");
    const closed = assert.rejects(come("b", "b", closing.signal), { name: "AbortError" });
    void come("c");
    closing.abort();
    await closed;
    await assert.rejects(come("d", "d", closing.signal), { name: "AbortError" });
    await go("a");
    assert.deepEqual(entered, ["a", "c"]);
  });

  it("are kept for what an earlier engine left running, even if those are too many", async () => {
    const { places, come, entered } = canaries(1);
    const leaves = ["a", "b"].map((canary) => places.keep(canary, canary));
    void come("c");
    for (const leave of leaves) {
      await settled();
      assert.deepEqual(entered, []);
      leave();
    }
    await settled();
    assert.deepEqual(entered, ["c"]);
  });
});
