import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Status } from "@perch/core";
import { execa } from "execa";
import { request } from "undici";
import { parse } from "yaml";
import { perch, type Run } from "./support/perch.ts";

interface Story {
  readonly name: string;
  readonly needs: readonly string[];
  readonly found: readonly string[];
  readonly running: readonly string[];
  readonly files: Record<string, string>;
  readonly change: { readonly file: string; readonly from: string; readonly to: string };
  readonly requests: readonly { claim: string; headers: Record<string, string>; text: string }[];
}

const stories = parse(readFileSync(join(import.meta.dirname, "first-contact.yaml"), "utf8")) as Story[];

/** Why a story cannot be told on this machine; false: it can. */
function lacks({ needs }: Story): string | false {
  const missing = needs.filter((command) => spawnSync(command, ["--help"]).error !== undefined);
  return missing.length > 0 && `this machine has no ${missing.join(" and no ")}`;
}

for (const story of stories) {
  describe(
    `first contact: from a repository without perch.yaml to a canary's answer: ${story.name}`,
    {
      skip: lacks(story),
    },
    () => tell(story),
  );
}

function tell(story: Story): void {
  let folder: string;
  let checkout: string;
  let init: Run;
  let up: Run;
  let edge: string;

  const run = (...args: string[]) => perch(args, { cwd: checkout });
  async function git(...args: string[]): Promise<void> {
    const who = ["-c", "user.name=Author", "-c", "user.email=author@perch.invalid"];
    await execa("git", [...who, ...args], { cwd: checkout });
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-first-"));
    const origin = join(folder, "acme", "shop.git");
    checkout = join(folder, "shop");
    await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
    await execa("git", ["clone", "--quiet", origin, checkout]);
    for (const [path, text] of Object.entries(story.files)) {
      await mkdir(dirname(join(checkout, path)), { recursive: true });
      await writeFile(join(checkout, path), text);
    }
    await git("checkout", "--quiet", "-b", "main");
    await git("add", "--all");
    await git("commit", "--quiet", "-m", "A shop");
    await git("push", "--quiet", "origin", "main");
    init = await run("init", "--yes");
    const { file, from, to } = story.change;
    const path = join(checkout, file);
    await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
    await git("commit", "--quiet", "-m", "Something new", file);
    await git("push", "--quiet", "origin", "HEAD:refs/pull/1/head");
    up = await run("up", "--detach", "--edge-port", "0", "--status-port", "0", "--interval", "0.2");
    const status = up.code === 0 ? (JSON.parse((await run("status", "--json")).stdout) as Status) : undefined;
    edge = status?.edge.listening[0] ?? "";
  });
  after(async () => {
    await run("down");
    await rm(folder, { recursive: true, force: true });
  });

  it("init finds both services, and how one calls the other", () => {
    assert.equal(init.code, 0, init.stderr);
    for (const found of story.found) assert.match(init.stdout, new RegExp(found, "m"));
  });

  it("doctor misses nothing", async () => {
    const { code, stdout, stderr } = await run("doctor", "--edge-port", "0", "--status-port", "0");
    assert.equal(code, 0, stdout + stderr);
  });

  it("up runs stable of both, and canaries of what the pull request changes", () => {
    assert.equal(up.code, 0, up.stdout + up.stderr);
    for (const running of story.running) assert.match(up.stdout, new RegExp(running));
  });

  for (const { claim, headers, text } of story.requests) {
    it(claim, async () => {
      const response = await request(`http://${edge}/`, { headers });
      assert.deepEqual([response.statusCode, await response.body.text()], [200, text]);
    });
  }
}
