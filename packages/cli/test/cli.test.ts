import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

const PERCH = join(import.meta.dirname, "..", "bin", "perch.js");

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function perch(cwd: string, ...args: string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  execFile(
    process.execPath,
    [PERCH, ...args],
    { cwd, env: { ...process.env, NO_COLOR: "1" } },
    (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
  );
  return promise;
}

describe("the perch command", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-cli-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("lists its verbs and its exit codes", async () => {
    const { code, stdout } = await perch(folder, "--help");
    assert.equal(code, 0);
    for (const verb of ["up", "status", "explain", "logs", "down"])
      assert.match(stdout, new RegExp(`^ +${verb}`, "m"));
    assert.match(stdout, /Exit codes:\n +0 .*\n +1 .*\n +2 .*\n +3 /);
  });

  it("reads nothing but its own words to show them", async () => {
    const args = ["--import", join(import.meta.dirname, "fixtures", "loaded.js"), PERCH, "--help"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    assert.match(stdout, /^ +rollback /m);
    assert.equal(stderr, "commander own");
  });

  it("shows a verb's own help by `help` too", async () => {
    const { code, stdout } = await perch(folder, "help", "logs");
    assert.deepEqual([code, /--pr <number>/.test(stdout)], [0, true]);
  });

  for (const verb of ["up", "status", "explain", "logs", "down"]) {
    it(`${verb} --help has an example`, async () => {
      const { code, stdout } = await perch(folder, verb, "--help");
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples?:\\n +perch ${verb}`));
    });
  }

  it("ends with 2 on an unknown verb or option, and suggests the right one", async () => {
    const verb = await perch(folder, "statsu");
    assert.deepEqual([verb.code, /Did you mean status\?/.test(verb.stderr)], [2, true]);
    const option = await perch(folder, "up", "--edge-prt", "1");
    assert.deepEqual([option.code, /Did you mean --edge-port\?/.test(option.stderr)], [2, true]);
  });

  it("ends with 2 on a value that makes no sense, and says what would", async () => {
    const { code, stderr } = await perch(folder, "up", "--edge-port", "80800");
    assert.equal(code, 2);
    assert.match(stderr, /a port from 0 to 65535/);
  });

  it("ends with 2 where there is no perch.yaml, and says where it looked", async () => {
    const { code, stderr } = await perch(folder, "up");
    assert.equal(code, 2);
    assert.match(stderr, /CONFIG_NOT_FOUND There is no perch\.yaml in .*perch-cli-/);
  });

  it("shows every problem of perch.yaml at once, with its place and a suggestion", async () => {
    const broken =
      "apiVersion: perch.dev/v1\nproject: shop\nservices:\n  api:\n    repo: acme/shop\n    protocl: http\n    path: /etc\n";
    await writeFile(join(folder, "broken.yaml"), broken);
    const { code, stderr } = await perch(folder, "up", "--config", "broken.yaml");
    assert.equal(code, 2);
    assert.match(stderr, /broken\.yaml:6:5 .*did you mean "protocol"/);
    assert.match(stderr, /broken\.yaml:7:11 /);
  });

  it("ends with 3 when no engine runs, and says how to start one", async () => {
    for (const args of [["status"], ["explain", "7"], ["logs", "api"]]) {
      const { code, stderr } = await perch(folder, ...args, "--state-dir", folder);
      assert.equal(code, 3);
      assert.match(stderr, /perch up/);
    }
  });

  it("has nothing to end where nothing runs, which is no failure", async () => {
    const { code, stdout } = await perch(folder, "down", "--state-dir", folder);
    assert.deepEqual([code, /No engine runs/.test(stdout)], [0, true]);
  });

  it("says what --remote should have named", async () => {
    const config =
      "apiVersion: perch.dev/v1\nproject: x\nservices:\n  a: { repo: acme/a, path: a, protocol: http, edge: /, local: { start: x } }\n";
    await writeFile(join(folder, "perch.yaml"), config);
    const { code, stderr } = await perch(folder, "up", "--remote", "acme/b=/nowhere");
    assert.equal(code, 2);
    assert.match(stderr, /It has acme\/a: write for example --remote acme\/a=/);
    const none = await perch(folder, "up");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no git remote is known for it/);
  });
});
