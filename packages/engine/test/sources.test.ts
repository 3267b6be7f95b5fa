import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { find, startTestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository } from "./support/repository.ts";

describe("several repositories", () => {
  it("number their pull requests apart: each canary is of its own repository, and links name the service", async () => {
    const yaml = `${WEB_CONFIG}
  other:
    repo: acme/other
    path: services/web
    protocol: http
    edge: /other
    local: { start: exec node server.js, ready: /ready }
`;
    const web = await makeRepository();
    const other = await makeRepository();
    await web.pushPullRequest(1, behaviour({ says: "web one" }));
    await other.pushPullRequest(2, behaviour({ says: "other two" }));
    const remotes = new Map([
      ["acme/test", web.remote],
      ["acme/other", other.remote],
    ]);
    const test = await startTestEngine(web, { remotes }, yaml);
    const status = await test.engine.settled();
    assert.deepEqual(
      [find(status, "other-canary-pr-1"), find(status, "web-canary-pr-2")],
      [undefined, undefined],
    );
    assert.match(find(status, "web-canary-pr-1")?.shareLink ?? "", /^http:\/\/web-pr-1\.localhost:/);
    assert.equal(find(status, "other-canary-pr-2")?.selector, "other=2");
    const list = { "x-canary": "web=1,other=2" };
    assert.equal((await test.get("/", list)).json.says, "web one");
    assert.equal((await test.get("/other", list)).json.says, "other two");
    await other.remove();
    assert.equal(
      (await test.get("/", list)).json.says,
      "web one",
      "an outage of one repository is none of the other",
    );
    await test.close();
    await web.remove();
  });

  it("are refused before anything starts when one has no remote", async () => {
    const web = await makeRepository();
    await assert.rejects(startTestEngine(web, { remotes: new Map() }), {
      code: "USAGE",
      hint: /--remote acme\/test=/,
    });
    await web.remove();
  });
});

describe("stable from the checkout", () => {
  it("is a problem to be told, not the end of the engine, where the checkout is no repository", async () => {
    const repository = await makeRepository();
    const checkout = await mkdtemp(join(tmpdir(), "perch-bare-folder-"));
    const test = await startTestEngine(repository, { stable: "checkout", checkout });
    const { problems } = await test.until("it is told", (status) => status.problems.length > 0);
    assert.equal(problems[0]?.code, "SOURCE_UNREACHABLE");
    assert.match(problems[0]?.message ?? "", /no commit to run stable from/);
    await test.close();
    await rm(checkout, { recursive: true });
    await repository.remove();
  });

  it("runs its files as they are, uncommitted changes too, and never removes them", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const checkout = await mkdtemp(join(tmpdir(), "perch-checkout-"));
    execFileSync("git", ["clone", "--quiet", repository.remote, checkout]);
    const file = join(checkout, "services", "web", "behaviour.json");
    await writeFile(file, JSON.stringify({ says: "not committed" }));
    const test = await startTestEngine(repository, { stable: "checkout", checkout });
    await test.engine.settled();
    assert.equal((await test.get("/")).json.says, "not committed");
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    await test.close();
    assert.match(await readFile(file, "utf8"), /not committed/);
    await rm(checkout, { recursive: true, force: true });
    await repository.remove();
  });
});
