import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { layoutOf } from "../src/bed/layout.ts";
import { exclusively } from "../src/bed/lock.ts";

const layout = layoutOf(`/nowhere/${process.pid}`);

describe("exclusively", () => {
  it("lets one piece of work for a bed end before the next begins", async () => {
    const events: string[] = [];
    const work = (name: string) =>
      exclusively(layout, async () => {
        events.push(`${name} begins`);
        await new Promise(setImmediate);
        events.push(`${name} ends`);
      });
    await Promise.all([work("one"), work("two")]);
    assert.deepEqual(events.toSorted(), ["one begins", "one ends", "two begins", "two ends"]);
    assert.equal(events[0]?.split(" ")[0], events[1]?.split(" ")[0]);
  });

  it("goes on after work that failed", async () => {
    await assert.rejects(
      exclusively(layout, () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await exclusively(layout, async () => 1), 1);
  });

  it("goes on after a holder that was killed", async () => {
    const source = (name: string) => JSON.stringify(join(import.meta.dirname, "..", "src", "bed", name));
    const script = `
      import { exclusively } from ${source("lock.ts")};
      import { layoutOf } from ${source("layout.ts")};
      await exclusively(layoutOf(${JSON.stringify(layout.state)}), async () => {
        console.log("held");
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      });`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    assert.equal(await exclusively(layout, async () => 1), 1);
  });
});
