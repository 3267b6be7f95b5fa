import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { currentSelector, invalidSelectorCount, outgoingSelector, runWithSelector } from "../src/index.ts";

describe("runWithSelector", () => {
  it("gives the selector to what it runs, and to nothing else", () => {
    assert.deepEqual(
      runWithSelector("7", () => currentSelector()),
      { kind: "pr", pr: 7 },
    );
    assert.equal(currentSelector(), undefined);
  });

  it("survives promises, timers and event emitters", async () => {
    const emitter = new EventEmitter();
    await runWithSelector("7", async () => {
      await delay(1);
      assert.equal(outgoingSelector(), "7");
      await nextTurn();
      assert.equal(outgoingSelector(), "7");
      await new Promise((resolve) => setTimeout(resolve, 0)).then(() =>
        assert.equal(outgoingSelector(), "7"),
      );
      setImmediate(() => emitter.emit("event", outgoingSelector()));
      assert.deepEqual(await once(emitter, "event"), ["7"]);
      assert.equal(outgoingSelector(), "7");
    });
  });

  it("survives streams, also those that work on another thread", async () => {
    const seen = new Set<string | undefined>();
    const look = new Transform({
      transform(chunk, _encoding, done) {
        seen.add(outgoingSelector());
        done(null, chunk);
      },
    });
    await runWithSelector("api=7,store=45", () =>
      pipeline(Readable.from(["a", "b"]), createGzip(), look, async (chunks) => {
        for await (const _chunk of chunks) seen.add(outgoingSelector());
      }),
    );
    assert.deepEqual([...seen], ["api=7,store=45"]);
  });

  it("does not mix jobs that run at the same time", async () => {
    const job = async (pr: number): Promise<boolean> => {
      await delay(Math.random() * 5);
      await nextTurn();
      return outgoingSelector() === String(pr);
    };
    const prs = Array.from({ length: 500 }, (_, i) => i + 1);
    const right = await Promise.all(prs.map((pr) => runWithSelector(String(pr), () => job(pr))));
    assert.ok(right.every(Boolean));
  });

  it("replaces the surrounding selector, and takes it away when there is none", () => {
    runWithSelector("7", () => {
      assert.equal(runWithSelector("api=8", outgoingSelector), "api=8");
      assert.equal(runWithSelector(undefined, outgoingSelector), undefined);
      assert.equal(outgoingSelector(), "7");
    });
  });

  it("treats an invalid selector as absent and counts it by its reason", () => {
    const before = invalidSelectorCount();
    assert.equal(runWithSelector("7; drop", currentSelector), undefined);
    assert.equal(runWithSelector("api=1,api=2", outgoingSelector), undefined);
    const after = invalidSelectorCount();
    assert.equal(after.malformed - before.malformed, 1);
    assert.equal(after["duplicate-service"] - before["duplicate-service"], 1);
  });

  it("takes equal lines as one, and sends on the value without outer white space", () => {
    assert.equal(runWithSelector([" 7", "7\t"], outgoingSelector), "7");
  });
});
