import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";

const COMMON = import.meta.resolve("../src/index.ts");

/** Runs a service whose `start` is this code. */
function run(
  t: TestContext,
  start: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
) {
  const program = `import { runService } from "${COMMON}"; await runService("api", async ({ log }) => { ${start} });`;
  const args = ["--conditions=perch-source", "--input-type=module", "-e", program, "--", ...flags];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

const UNTIL_STOPPED = "const timer = setInterval(() => {}, 1000); log.info('up');";

describe("a service", () => {
  it("that is asked to stop ends with exit code 0, though nobody reads its log any more", async (t) => {
    const child = run(
      t,
      `${UNTIL_STOPPED} return { stop: async () => { log.info("1"); log.info("2"); clearInterval(timer); } };`,
    );
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("that does not stop in time ends with exit code 1", async (t) => {
    const child = run(t, `${UNTIL_STOPPED} return { stop: () => new Promise(() => {}) };`, {
      SHUTDOWN_GRACE_MS: "1",
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [1, null]);
  });

  it("that does not start, or fails later, ends with exit code 1 and says why in a log line", async (t) => {
    for (const start of [
      "throw new Error('why')",
      `${UNTIL_STOPPED} setTimeout(() => { throw new Error("why"); }); return { stop: async () => {} };`,
    ]) {
      const child = run(t, start);
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      assert.deepEqual(await once(child, "close"), [1, null]);
      const last = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
      assert.equal(last.level, "fatal");
      assert.equal(last.err.message, "why");
    }
  });

  it("that is rehearsed starts, stops and ends with exit code 0", async (t) => {
    const child = run(t, "log.info('up'); return { stop: async () => log.info('down') };", {}, [
      "--rehearse",
    ]);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    assert.deepEqual(await once(child, "close"), [0, null]);
    const said = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).msg);
    assert.deepEqual(said, ["up", "stopping", "down", "stopped"]);
  });

  it("with an identity that cannot be true does not start", async (t) => {
    const child = run(t, "return { stop: async () => {} };", { CANARY_PR: "007" });
    const [chunk] = await once(child.stdout, "data");
    assert.match(String(chunk), /CANARY_PR/);
    assert.deepEqual(await once(child, "exit"), [1, null]);
  });
});
