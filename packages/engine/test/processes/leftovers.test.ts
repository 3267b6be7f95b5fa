import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pino } from "pino";
import { openLeftovers } from "../../src/processes/leftovers.ts";
import { eventually } from "../support/processes.ts";

describe("what could not be removed", () => {
  const logger = pino({ level: "silent" });

  it("is tried again until it is gone, and then no more", async () => {
    const tries = { held: 0, free: 0 };
    const leftovers = openLeftovers(logger, 5);
    leftovers.add("held", new Error("busy"), async () => {
      tries.held += 1;
      if (tries.held < 4) throw new Error("busy");
    });
    leftovers.add("free", new Error("busy"), async () => {
      tries.free += 1;
    });
    await eventually(async () => assert.equal(tries.held, 4));
    await new Promise((resolve) => setTimeout(resolve, 50));
    leftovers.close();
    assert.deepEqual(tries, { held: 4, free: 1 });
  });

  it("is not tried twice at a time, however long one takes", async () => {
    let under = 0;
    let most = 0;
    let ended = 0;
    const leftovers = openLeftovers(logger, 2);
    for (const id of ["one", "other"])
      leftovers.add(id, new Error("busy"), async () => {
        under += 1;
        most = Math.max(most, under);
        await new Promise((resolve) => setTimeout(resolve, 20));
        under -= 1;
        ended += 1;
      });
    await eventually(async () => assert.equal(ended, 2));
    leftovers.close();
    assert.equal(most, 1);
  });
});
