import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../../src/program.ts";
import { perchCalls, readWorkflows } from "./read.ts";

const calls = perchCalls(await readWorkflows());

/** Parses a command line with the real program, whose commands then do nothing. */
async function parse(args: readonly string[]): Promise<void> {
  const program = await createProgram();
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command.commands.length === 0) command.action(() => {});
  }
  await program.parseAsync(args.map(valueFor), { from: "user" });
}

/** What a variable may stand for, so that options which check their value take it. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["$BASE", "origin/main"],
  [`$\{BASE:-$COMMIT^1}`, "origin/main"],
  ["$BUILT", "api,store"],
  ["$COMMIT", "0123456789abcdef0123456789abcdef01234567"],
  [`$\{COMMIT::12}`, "0123456789ab"],
  ["$FAILED", "api"],
  ["$HEAD", "0123456789abcdef0123456789abcdef01234567"],
  ["$PR", "7"],
  ["$RETAG_FROM", "main"],
  ["$RUNNER_TEMP/kubeconfig", "/tmp/kubeconfig"],
  ["$RUN_URL", "https://github.com/acme/shop/actions/runs/1"],
  ["$SERVICE", "api"],
  ["$SERVICES", "api,store"],
  ["$service", "api"],
]);

function valueFor(word: string): string {
  if (!word.startsWith("$")) return word;
  const value = VALUES.get(word);
  assert.ok(value !== undefined, `no value for ${word}`);
  return value;
}

describe("perch in workflows", () => {
  it("is called at all", () => {
    assert.ok(calls.length >= 20, String(calls.length));
  });

  for (const { where, args } of calls) {
    it(`exists as it is called: ${where}`, async () => {
      await parse(args);
    });
  }

  it("a call with an option that does not exist would be seen", async () => {
    await assert.rejects(parse(["ci", "tag", "--no-such-option"]));
    await assert.rejects(parse(["ci", "no-such-command"]));
  });
});
