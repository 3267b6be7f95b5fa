import assert from "node:assert/strict";
import { it } from "node:test";
import { apiBudget } from "@perch/core";
import {
  readPullRequest,
  servicesLabelledByPeople,
  setGateLabels,
  settleDeployment,
  writeFeedback,
} from "../../src/github/index.ts";
import { BOT, CONFIG, HEAD, type Hub, NEXT, REPO, startHub } from "./support.ts";

/** What the workflow of one push asks GitHub. */
async function push({ repository }: Hub, services: readonly string[], head = HEAD): Promise<void> {
  await servicesLabelledByPeople(repository, CONFIG, 7);
  for (const state of ["queued", "in_progress"]) {
    await readPullRequest(repository, 7);
    for (const service of services) {
      const status = { state, description: "", environmentUrl: "", logUrl: "" };
      await settleDeployment(repository, { environment: `${service}-canary-pr-7`, ref: head }, status);
    }
    await writeFeedback(repository, CONFIG, { number: 7, author: BOT });
    if (state === "queued")
      await setGateLabels(repository, CONFIG, { number: 7, head, built: services, isDryRun: false });
  }
}

it("a push costs no more requests than perch ci budget counts for it, and not half of that", async () => {
  const hub = await startHub();
  try {
    await push(hub, ["api", "store"]);
    const first = (await hub.control.requests()).length;
    await hub.control.push(REPO, 7, NEXT);
    await push(hub, ["api", "store"], NEXT);
    const requests = (await hub.control.requests()).slice(first);
    const spent = requests.filter(({ status }) => status !== 304).length;
    const { lines } = apiBudget(CONFIG, { open: 1, events: 0, pushes: 1 }, 5_000);
    const counted = lines.find(({ token }) => token === `GITHUB_TOKEN of ${REPO}`)?.requests ?? 0;
    assert.ok(spent <= counted && counted < 2 * spent, `${spent} spent, ${counted} counted`);
  } finally {
    await hub.close();
  }
});
