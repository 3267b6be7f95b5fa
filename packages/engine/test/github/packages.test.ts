import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { githubPackage } from "../../src/github/index.ts";
import { type Hub, startHub } from "./support.ts";

const MINE = "pr-7-0123456789ab";
const OTHER = "pr-8-0123456789ab";

let hub: Hub;

beforeEach(async () => {
  hub = await startHub();
  await hub.control.pushPackage("acme/shop/api", ["main", "cccccccccccc"]);
});
afterEach(() => hub.close());

const open = (path = "acme/shop/api", login?: string) =>
  githubPackage((login === undefined ? hub.repository : hub.as(login)).octokit, path);
const onlyMine = (tag: string) => tag.startsWith("pr-7-");
const tagsThere = async () => (await hub.control.packages()).flatMap(({ tags }) => tags);

describe("a container package on GitHub", () => {
  it("loses the version of a tag; twice is once", async () => {
    await hub.control.pushPackage("acme/shop/api", [MINE]);
    assert.equal(await open().removeTag(MINE, onlyMine), true);
    assert.equal(await open().removeTag(MINE, onlyMine), true);
    assert.deepEqual(await tagsThere(), ["main", "cccccccccccc"]);
  });

  it("loses a version with all of its tags, when all are to go", async () => {
    const heads = [MINE, "pr-7-fedcba987654"];
    await hub.control.pushPackage("acme/shop/api", heads);
    const image = open();
    for (const tag of heads) assert.equal(await image.removeTag(tag, onlyMine), true);
    assert.deepEqual(await tagsThere(), ["main", "cccccccccccc"]);
  });

  it("keeps a version that another tag needs", async () => {
    await hub.control.pushPackage("acme/shop/api", [MINE, OTHER]);
    assert.equal(await open().isShared(MINE, onlyMine), true);
    assert.equal(await open().removeTag(MINE, onlyMine), false);
    assert.equal(await open().isShared(MINE, () => true), false);
    assert.ok((await tagsThere()).includes(MINE));
  });

  it("has its tags on many pages", async () => {
    for (let i = 0; i < 130; i += 1) await hub.control.pushPackage("acme/shop/api", [`t${i}`]);
    assert.equal((await open().tags()).length, 132);
  });

  it("may be a person's, and may not be there", async () => {
    await hub.control.pushPackage("person/api", ["main"]);
    await hub.control.pushPackage("person/api", [MINE]);
    assert.equal(await open("person/api").removeTag(MINE, onlyMine), true);
    assert.deepEqual(await open("person/api").tags(), ["main"]);
    assert.deepEqual(await open("acme/nothing").tags(), []);
    assert.equal(await open("acme/nothing").removeTag(MINE, onlyMine), true);
  });

  it("says what to do where the token may not, and removes nothing", async () => {
    await hub.control.pushPackage("acme/shop/api", [MINE]);
    await assert.rejects(open("acme/shop/api", "read-only").removeTag(MINE, onlyMine), {
      code: "GITHUB_REFUSED",
      hint: /packages: write.*role Admin/,
    });
    assert.ok((await tagsThere()).includes(MINE));
  });

  it("waits for a rate limit, and comes through a failure whose answer was lost", async () => {
    await hub.control.pushPackage("acme/shop/api", [MINE]);
    const message = "You have exceeded a secondary rate limit.";
    const headers = { "retry-after": "1" };
    await hub.control.fault({
      method: "DELETE",
      path: "/versions/",
      status: 403,
      message,
      headers,
      times: 1,
    });
    await hub.control.fault({
      method: "DELETE",
      path: "/versions/",
      status: 502,
      isAnswerLost: true,
      times: 1,
    });
    assert.equal(await open().removeTag(MINE, onlyMine), true);
    assert.deepEqual(await tagsThere(), ["main", "cccccccccccc"]);
  });

  it("says that GitHub keeps the last version", async () => {
    await hub.control.pushPackage("acme/web", [MINE]);
    await assert.rejects(open("acme/web").removeTag(MINE, onlyMine), {
      code: "GITHUB_REFUSED",
      hint: /last tagged version/,
    });
  });
});
