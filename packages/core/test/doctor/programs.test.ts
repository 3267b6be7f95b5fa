import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { programsOf } from "@perch/core";

describe("programs of a shell command", () => {
  for (const [command, programs] of [
    ["npm ci --omit=dev", ["npm"]],
    ["NODE_ENV=production node main.js", ["node"]],
    ['export A="x; y" && cd web && exec node server.js | tee log', ["node", "tee"]],
    ["python3 -m venv .venv && .venv/bin/pip install -r requirements.txt", ["python3"]],
    ["/usr/bin/env node main.js; node other.js", ["/usr/bin/env", "node"]],
    [`node -e "process.exit(0); rm x" 'a | b'`, ["node"]],
    ["$RUNNER start", []],
    ["if test -f x; then echo y; fi", []],
    ["", []],
  ] as const) {
    it(`${command || "nothing"}: ${programs.join(", ") || "none"}`, () => {
      assert.deepEqual(programsOf(command), programs);
    });
  }
});
