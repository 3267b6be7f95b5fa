import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { outgoingSelector, runWithSelector } from "../src/index.ts";
import { Scope } from "../src/storage.ts";

describe("Scope", () => {
  const other = new AsyncLocalStorage<string>();
  const here = () => [outgoingSelector(), other.getStore()];
  const made = () => runWithSelector("7", () => other.run("mine", () => new Scope()));

  it("brings what runs in it back to where it was made, with what others carry there", () => {
    const scope = made();
    let seen: unknown;
    runWithSelector("8", () =>
      other.run("another's", () => {
        scope.run(() => {
          seen = here();
        });
        assert.deepEqual(here(), ["8", "another's"]);
      }),
    );
    assert.deepEqual(seen, ["7", "mine"]);
  });

  it("leaves what already runs with its selector where it is", () => {
    const seen: unknown[] = [];
    runWithSelector("7", () => {
      const scope = other.run("mine", () => new Scope());
      other.run("later", () => scope.run(() => seen.push(here())));
    });
    assert.deepEqual(seen, [["7", "later"]]);
  });

  it("makes all listeners of an emitter run there, and keeps what emit answers and throws", () => {
    const emitter = new EventEmitter();
    made().emitHere(emitter);
    assert.equal(emitter.emit("nobody listens"), false);
    const seen: unknown[] = [];
    emitter.on("event", (...args) => seen.push([...args, ...here()]));
    assert.equal(
      runWithSelector("8", () => emitter.emit("event", 1, 2)),
      true,
    );
    assert.deepEqual(seen, [[1, 2, "7", "mine"]]);
    emitter.on("event", () => {
      throw new Error("of a listener");
    });
    assert.throws(() => emitter.emit("event"), /of a listener/);
    assert.deepEqual(here(), [undefined, undefined]);
  });
});
