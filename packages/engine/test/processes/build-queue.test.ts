import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildQueue } from "../../src/processes/build-queue.ts";

const never = () => new AbortController().signal;

/** Builds that end when told to, in a queue; their names in the order in which they began. */
function builds(slots: number, patience?: number) {
  const queue = buildQueue(slots, patience);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const waits = new Map<string, () => void>();
  return {
    queue,
    begun,
    add: (name: string, owner: string | undefined, signal = never()) =>
      queue.run(owner, signal, () => {
        begun.push(name);
        waits.get(name)?.();
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    end: async (name: string) => {
      ends.get(name)?.();
      await new Promise(setImmediate);
    },
    whenBegun: (name: string) =>
      begun.includes(name) ? Promise.resolve() : new Promise<void>((resolve) => waits.set(name, resolve)),
  };
}

describe("the queue of builds", () => {
  it("gives each pull request its turn, however many builds one of them asks for", async () => {
    const { add, end, begun } = builds(2);
    for (const name of ["a1", "a2", "a3"]) void add(name, "a");
    void add("b1", "b");
    assert.deepEqual(begun, ["a1"], "one slot is stable's");
    await end("a1");
    assert.deepEqual(begun, ["a1", "b1"]);
    await end("b1");
    assert.deepEqual(begun, ["a1", "b1", "a2"]);
  });

  it("lets stable in when pull requests hold all other slots", async () => {
    const { add, begun } = builds(3);
    for (const owner of ["a", "b", "c"]) void add(owner, owner);
    void add("stable", undefined);
    assert.deepEqual(begun, ["a", "b", "stable"]);
  });

  it("gives the slot of a build that hangs to those that wait, up to twice as many builds as slots", async () => {
    const { add, begun, whenBegun } = builds(3, 10);
    for (const owner of ["a", "b", "c", "d", "e", "f"]) void add(owner, owner);
    assert.deepEqual(begun, ["a", "b"]);
    await whenBegun("d");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(begun, ["a", "b", "c", "d"]);
  });

  it("begins nothing while it is paused", async () => {
    const { add, queue, begun } = builds(2);
    queue.pause(true);
    void add("a", "a");
    void add("stable", undefined);
    assert.deepEqual(begun, []);
    queue.pause(false);
    assert.deepEqual(begun, ["stable", "a"]);
  });

  it("lets go at once of what is aborted while it waits, and its task never begins", async () => {
    const { add, end, begun } = builds(2);
    void add("a", "a");
    const closing = new AbortController();
    const second = add("b", "b", closing.signal);
    closing.abort(new Error("closed"));
    await assert.rejects(second, /closed/);
    await end("a");
    assert.deepEqual(begun, ["a"]);
    await assert.rejects(add("c", "c", AbortSignal.abort(new Error("closed before"))), /closed before/);
  });

  it("waits for a task that has begun: nobody removes its folder under it", async () => {
    const { add, end } = builds(2);
    const closing = new AbortController();
    let over = false;
    const turn = add("a", "a", closing.signal).then(() => {
      over = true;
    });
    closing.abort();
    await new Promise(setImmediate);
    assert.equal(over, false);
    await end("a");
    await turn;
  });

  it("passes on how a task failed, and goes on", async () => {
    const { queue, add, begun } = builds(2);
    await assert.rejects(
      queue.run("a", never(), () => Promise.reject(new Error("no"))),
      /no/,
    );
    void add("b", "b");
    assert.deepEqual(begun, ["b"]);
  });
});
