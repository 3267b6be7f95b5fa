import assert from "node:assert/strict";
import { it } from "node:test";
import { inRepository, perch } from "../support.ts";

it("each command of perch ci has help with an example that begins with its own name", async () => {
  await inRepository(async (folder) => {
    const { stdout } = await perch(folder, "ci", "--help");
    const verbs = [...stdout.matchAll(/^ {2}([a-z]+) (?:\[options\]|\[command\])/gm)].map(
      ([, verb]) => verb ?? "",
    );
    assert.ok(verbs.length >= 11, stdout);
    for (const verb of verbs.filter((name) => name !== "help")) {
      const help = await perch(folder, "ci", verb, "--help");
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`Examples?:\\n  perch ci ${verb}\\b`), verb);
    }
    const unknown = await perch(folder, "ci", "labls");
    assert.deepEqual([unknown.code, /labels/.test(unknown.stderr)], [2, true]);
  });
});
