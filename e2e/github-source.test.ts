import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Status } from "@perch/core";
import { parse } from "yaml";
import {
  REPO,
  SECRET,
  startTestGithub,
  type TestGithub,
  TOKEN,
} from "../packages/engine/test/support/github.ts";
import { eventually } from "../packages/engine/test/support/processes.ts";
import { perch, type Run } from "./support/perch.ts";

type Service = "web" | "admin";
interface Change {
  readonly number: number;
  readonly changes: readonly Service[];
  readonly says: string;
}
interface Step {
  readonly claim: string;
  readonly open?: Change;
  readonly push?: Change;
  readonly label?: { readonly number: number; readonly label: string };
  readonly close?: { readonly number: number };
  readonly answers: Readonly<Record<Service, string>>;
  readonly reason?: string;
}

const { steps } = parse(readFileSync(join(import.meta.dirname, "github-source.yaml"), "utf8")) as {
  steps: Step[];
};
const FIXTURE = join(import.meta.dirname, "..", "packages", "engine", "test", "fixtures", "web", "server.js");

const config = (github: string) => `
apiVersion: perch.dev/v1
project: team
cluster: { github: "${github}" }
services:
  web: { repo: ${REPO}, path: services/web, protocol: http, edge: /, local: { start: exec node server.js, ready: /ready } }
  admin: { repo: ${REPO}, path: services/admin, protocol: http, edge: /admin, local: { start: exec node server.js, ready: /ready } }
`;

describe("perch up with GitHub as its source", () => {
  let github: TestGithub;
  let folder: string;
  let up: Run;

  const command = (...args: string[]) =>
    perch(args, {
      cwd: folder,
      env: { GITHUB_TOKEN: TOKEN, PERCH_WEBHOOK_SECRET: SECRET },
    });
  const status = async () => JSON.parse((await command("status", "--json")).stdout) as Status;

  before(async () => {
    github = await startTestGithub({
      "services/admin/server.js": await readFile(FIXTURE, "utf8"),
      "services/admin/behaviour.json": '{ "says": "stable" }',
    });
    folder = await mkdtemp(join(tmpdir(), "perch-team-"));
    await writeFile(join(folder, "perch.yaml"), config(github.url));
    const ports = ["--edge-port", "0", "--status-port", "0", "--webhook-port", "0"];
    // So rarely that only webhooks explain what is seen.
    up = await command("up", "--detach", "--interval", "3600", "--drain", "1", ...ports);
    const { engine } = await status();
    await github.control.setHooks([{ url: engine.webhookUrl ?? "", secret: SECRET }]);
  });
  after(async () => {
    assert.equal((await command("down")).code, 0);
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("says so, and where it takes webhooks", () => {
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /^team .*source GitHub/m);
    assert.match(
      up.stdout,
      /acme\/test: \d+ requests to GitHub within the hour, \d+ of them free \(304\); \d+ of 5000 left/,
    );
    assert.match(up.stdout, /webhooks: http:\/\/127\.0\.0\.1:\d+\/webhook/);
  });

  for (const step of steps) {
    it(step.claim, async () => {
      await happen(github, step);
      const { edge } = await status();
      const says = async (path: string) => {
        const answer = await fetch(`http://${edge.listening[0]}${path}`, { headers: { "x-canary": "1" } });
        return ((await answer.json()) as { says: string }).says;
      };
      await eventually(async () => {
        const now = { web: await says("/"), admin: await says("/admin") };
        assert.deepEqual(now, step.answers);
        assert.equal((await status()).pullRequests.find(({ number }) => number === 1)?.skipped, step.reason);
      });
    });
  }

  it("writes its token and its secret into no file of the state folder", async () => {
    for (const file of ["engine.log", "engine.json", "engine.out", "git/acme--test.git/config"])
      assert.doesNotMatch(
        await readFile(join(folder, ".perch", file), "utf8"),
        /ghp_|webhook-secret|Authorization/,
      );
  });
});

async function happen(github: TestGithub, { open, push, label, close }: Step): Promise<void> {
  if (open !== undefined) await github.open(files(open), { number: open.number, labels: [] });
  if (push !== undefined) await github.push(push.number, files(push));
  if (label !== undefined) await github.control.label(REPO, label.number, label.label);
  if (close !== undefined) await github.control.close(REPO, close.number);
}

function files({ changes, says }: Change): Record<string, string> {
  return Object.fromEntries(
    changes.map((name) => [`services/${name}/behaviour.json`, JSON.stringify({ says })]),
  );
}
