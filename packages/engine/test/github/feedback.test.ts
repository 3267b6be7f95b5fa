import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { previewFeedback, settleDeployment, writeFeedback } from "../../src/github/index.ts";
import { BOT, CONFIG, HEAD, type Hub, NEXT, REPO, startHub } from "./support.ts";

let hub: Hub;

beforeEach(async () => {
  hub = await startHub();
});
afterEach(() => hub.close());

const options = { number: 7, author: BOT };
const write = () => writeFeedback(hub.repository, CONFIG, options);
const deploy = (state: string, ref = HEAD, service = "api", description = "") =>
  settleDeployment(
    hub.repository,
    { environment: `${service}-canary-pr-7`, ref },
    { state, description, environmentUrl: "", logUrl: "" },
  );

async function bodies(author = BOT): Promise<string[]> {
  const { comments } = await hub.control.records();
  return comments.filter((one) => one.author === author).map(({ body }) => body);
}

describe("the comment of a pull request", () => {
  it("is made once, and edited in place as the canary comes up", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    const { id, outcome } = await write();
    assert.equal(outcome, "created");
    assert.match((await bodies())[0] ?? "", /waits for its image/);
    await deploy("in_progress");
    assert.deepEqual(await write(), { outcome: "updated", id });
    await deploy("success");
    await write();
    assert.match((await bodies()).join(), /serves \| \[share link\]\(<http:\/\/pr-7\.dev\.example\.com\/>\)/);
    assert.deepEqual(await write(), { outcome: "unchanged", id });
  });

  it("is one, however many runs write it at the same time", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    await Promise.all([write(), write(), write(), write()]);
    await write();
    assert.equal((await bodies()).length, 1);
  });

  it("has the newest state, whichever of two runs at the same time writes last", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    await Promise.all([write(), deploy("success").then(write), write()]);
    assert.match((await bodies()).join(), /serves/);
  });

  it("is one when GitHub loses the answer that says it was made", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    await hub.control.fault({ path: "/comments", method: "POST", status: 500, times: 1, isAnswerLost: true });
    await write();
    assert.equal((await bodies()).length, 1);
  });

  it("is not somebody else's with the same marker, and is found behind a hundred others", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    const eve = hub.as("eve");
    const body = "<!-- perch:shop -->\nopen https://evil.example";
    for (let count = 0; count < 101; count += 1)
      await eve.octokit.rest.issues.createComment({ ...eve.place, issue_number: 7, body });
    await write();
    await write();
    assert.equal((await bodies()).length, 1);
    assert.equal((await bodies("eve")).filter((text) => text === body).length, 101);
  });

  it("says what failed and why, as text, and what serves meanwhile", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    await deploy("success");
    await hub.control.push(REPO, 7, NEXT);
    await deploy("failure", NEXT, "store", "`npm run build` said @acme/all");
    await write();
    const [body = ""] = await bodies();
    assert.match(body, /\| `api` \| `fedcba987654` \| waits for its image; `0123456789ab` still serves \|/);
    assert.match(body, /\| `store` .* \*\*failed\*\*: `` `npm run build` said @acme\/all ``/);
  });

  it("is not made where there is nothing to say", async () => {
    assert.deepEqual(await write(), { outcome: "none", id: undefined });
    assert.equal(await previewFeedback(hub.repository, CONFIG, options), undefined);
    assert.deepEqual(await bodies(), []);
  });

  it("is shown, and not written, when only asked for", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    assert.match((await previewFeedback(hub.repository, CONFIG, options)) ?? "", /X-Canary: 7/);
    assert.deepEqual(await bodies(), []);
  });

  it("says that canaries are gone when labels went, and on close", async () => {
    await hub.control.label(REPO, 7, "canary/api");
    await write();
    await hub.control.unlabel(REPO, 7, "canary/api");
    await write();
    assert.match((await bodies())[0] ?? "", /reach stable/);
    await hub.control.close(REPO, 7);
    await write();
    assert.match((await bodies())[0] ?? "", /is closed/);
  });
});
