import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";

const RUN_FILES = join(import.meta.dirname, "..", "suite", "run-files.ts");
const REPORTER = join(import.meta.dirname, "..", "suite", "reporter.ts");

const FINE = `import { it } from "node:test"; it("is fine", () => {});`;
const FAILS = `import { it } from "node:test"; it("is wrong", () => { throw new Error("wrong"); });`;
const LOOPS = `import { it } from "node:test"; it("loops", () => { for (;;); });`;
const NEVER_LOADS = `process.stderr.write("waits\\n"); setInterval(() => {}, 1000); await new Promise(() => {});`;
/** Says the number of a process that it started, in a group of its own, and waits for it. */
const STARTS = `
  import { spawn } from "node:child_process";
  const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  process.stderr.write("started " + child.pid + "\\n");
  await new Promise((resolve) => child.on("exit", resolve));`;

const startedIn = (text: string) => Number(/started (\d+)/.exec(text)?.[1]);

describe("a run of test files", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-suite-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs the given files, with a bound of so many minutes each, in a process that is no test itself. */
  async function start(files: Readonly<Record<string, string>>, fileMinutes: number, atOnce = 2) {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const paths = Object.keys(files).map((name) => join(folder, name));
    const script = `
      import { runFiles } from ${JSON.stringify(RUN_FILES)};
      import reporter from ${JSON.stringify(REPORTER)};
      const options = { atOnce: ${atOnce}, testMinutes: 1, fileMinutes: ${fileMinutes}, reporter };
      process.exitCode = (await runFiles(${JSON.stringify(paths)}, options)) === "passed" ? 0 : 1;`;
    await writeFile(join(folder, "run.mjs"), script);
    return {
      run: execa(process.execPath, [join(folder, "run.mjs")], {
        env: { NODE_TEST_CONTEXT: undefined },
        reject: false,
        all: true,
      }),
    };
  }

  const suite = async (...files: Parameters<typeof start>) => (await start(...files)).run;

  it("passes where all of them do", async () => {
    const { exitCode, all } = await suite({ "a.mjs": FINE, "b.mjs": FINE }, 1);
    assert.equal(exitCode, 0, all);
    assert.match(all, /^2 passed, 0 failed$/m);
  });

  it("fails where one of them does", async () => {
    const { exitCode, all } = await suite({ "a.mjs": FINE, "b.mjs": FAILS }, 1);
    assert.equal(exitCode, 1, all);
    assert.match(all, /^1 passed, 1 failed$/m);
  });

  it("ends files that never would, says which, and runs the others", async () => {
    const files = { "a.mjs": LOOPS, "b.mjs": NEVER_LOADS, "c.mjs": FINE };
    const { exitCode, all } = await suite(files, 0.15);
    assert.equal(exitCode, 1, all);
    assert.match(all, /a\.mjs did not end in time/);
    assert.match(all, /b\.mjs did not end in time/);
    assert.match(all, /^1 passed, 2 failed$/m);
  });

  it("says when it is interrupted what was running, as its last words", async () => {
    const { run } = await start({ "a.mjs": FAILS, "b.mjs": NEVER_LOADS, "c.mjs": FINE }, 1, 1);
    for await (const line of run.iterable({ from: "all" })) if (line.includes("waits")) run.kill("SIGTERM");
    const { exitCode, all } = await run;
    assert.equal(exitCode, 1, all);
    const says = /Interrupted.* after 1 files; running: \S*b\.mjs [\d.]+ s\nSlowest: \S*a\.mjs [\d.]+ s\n/;
    assert.match(all, says);
    assert.match(all, /Failed so far: \S*a\.mjs$/);
  });

  it("ends what a file had started, when it takes too long and when the run is interrupted, even twice", async () => {
    const late = await suite({ "a.mjs": STARTS }, 0.1);
    assert.equal(await lives(startedIn(late.all)), false, late.all);
    const { run } = await start({ "a.mjs": STARTS }, 1);
    for await (const line of run.iterable({ from: "all" })) {
      if (!line.includes("started")) continue;
      run.kill("SIGTERM");
      run.kill("SIGTERM");
    }
    const { exitCode, all } = await run;
    assert.equal(exitCode, 1, all);
    assert.equal(await lives(startedIn(all)), false, all);
  });
});

/** What has ended may stay in the table until somebody asks how. */
async function lives(pid: number): Promise<boolean> {
  assert.ok(pid > 1);
  const { stdout } = await execa("ps", ["-o", "stat=", "-p", String(pid)], { reject: false });
  return stdout !== "" && !stdout.startsWith("Z");
}
