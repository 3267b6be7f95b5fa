import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asked, kubectlIn } from "../kubectl.ts";
import { inStep } from "./support.ts";

const namespace = (name: string, more: object = {}) => ({
  kind: "Namespace",
  metadata: { name, labels: { "perch.dev/service": "api", "perch.dev/pr": name.slice(14) }, ...more },
});

const LEFT = JSON.stringify({
  items: [
    namespace("api-canary-pr-7"),
    namespace("api-canary-pr-8", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    namespace("apps"),
  ],
});

const KINDS = "namespaces\napplications.argoproj.io\n";

describe("perch ci sweep --cluster", () => {
  it("shows what is left, and removes what is not on its way out already", async () => {
    await inStep(async (step) => {
      const env = await kubectlIn(step.folder, {
        "api-resources": KINDS,
        "get applications.argoproj.io,namespaces": LEFT,
        "get applications.argoproj.io --all-namespaces --output=name": "\n",
      });
      const shown = await step.perchWith(env, "sweep", "--cluster");
      assert.equal(shown.code, 1);
      assert.match(shown.stdout, /^api-canary-pr-7 {2}Namespace\/api-canary-pr-7: no Application owns it$/m);
      assert.doesNotMatch((await asked(step.folder)).join("\n"), /delete/);
      const swept = await step.perchWith(env, "sweep", "--cluster", "--remove");
      assert.deepEqual([swept.code, /1 of 2 removed/.test(swept.stdout)], [0, true], swept.stderr);
      const removed = (await asked(step.folder)).filter((line) => line.startsWith("delete"));
      assert.deepEqual(removed, ["delete Namespace api-canary-pr-7 --ignore-not-found --wait=false"]);
    });
  });

  it("removes nothing where Applications cannot be seen", async () => {
    await inStep(async (step) => {
      const env = await kubectlIn(step.folder, { "api-resources": "namespaces\n", "get namespaces": LEFT });
      const { code, stderr } = await step.perchWith(env, "sweep", "--cluster", "--remove");
      assert.deepEqual([code, /CLUSTER_REFUSED/.test(stderr)], [1, true]);
      assert.doesNotMatch((await asked(step.folder)).join("\n"), /delete/);
    });
  });
});
