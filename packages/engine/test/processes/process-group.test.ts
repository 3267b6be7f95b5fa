import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { it, type TestContext } from "node:test";
import { endGroup } from "../../src/processes/process-group.ts";
import { groupLives } from "../support/processes.ts";
import { refuseProc } from "../support/refused-proc.ts";

/** A group whose leader does nothing about SIGTERM. */
async function stubborn(t: TestContext): Promise<number> {
  const script =
    'process.on("SIGTERM", () => undefined); console.log("up"); setInterval(() => undefined, 1000)';
  const child = spawn(process.execPath, ["-e", script], { detached: true });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
}

it("a group ends by SIGKILL also where the system does not say who is in it", async (t) => {
  const pgid = await stubborn(t);
  const end = refuseProc(t);
  // Longer than it takes until the members are looked at.
  assert.equal(await endGroup(pgid, 1_300), true);
  end();
  assert.equal(groupLives(pgid), false);
});
