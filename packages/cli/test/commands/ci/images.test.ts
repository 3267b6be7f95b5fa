import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { perchYaml } from "../support.ts";
import { HEAD, inStep, REPO, type Step } from "./support.ts";

const API = "acme/api";
const MINE = "pr-7-0123456789ab";
const image = (tag: string) => `ghcr.io/${API}:${tag}`;
const tagsThere = async ({ control }: Step) => (await control.packages()).flatMap(({ tags }) => tags);

/** Pull request 7 with an image beside stable's. */
async function pushed({ control }: Step): Promise<void> {
  await control.openPullRequest({ repo: REPO, number: 7, head: HEAD });
  await control.pushPackage(API, ["main"]);
  await control.pushPackage(API, [MINE]);
}

async function swept(step: Step, ...args: string[]) {
  const { code, stdout, stderr } = await step.perch("sweep", "--github", "--json", ...args);
  assert.equal(stderr, "");
  return { code, ...(JSON.parse(stdout) as { residue: object[]; removed: object[] }) };
}

describe("perch ci images on ghcr.io", () => {
  it("removes those of a closed pull request by GitHub's API; twice is once", async () => {
    await inStep(async (step) => {
      await pushed(step);
      await step.control.close(REPO, 7);
      const first = await step.perch("images", "--pr", "7", "--remove", "--json");
      assert.deepEqual(JSON.parse(first.stdout), { images: [image(MINE)], left: [] }, first.stderr);
      const second = await step.perch("images", "--pr", "7", "--remove", "--json");
      assert.deepEqual(JSON.parse(second.stdout), { images: [], left: [] });
      assert.deepEqual(await tagsThere(step), ["main"]);
    });
  });

  it("removes none of a pull request that is open, or open again", async () => {
    await inStep(async (step) => {
      await pushed(step);
      await step.control.close(REPO, 7);
      await step.control.reopen(REPO, 7);
      const { code, stdout } = await step.perch("images", "--pr", "7", "--remove", "--json");
      assert.deepEqual([code, JSON.parse(stdout)], [0, { images: [], left: [] }]);
      assert.deepEqual(await tagsThere(step), ["main", MINE]);
    });
  });

  it("leaves what stable needs too, and says so; that is no residue", async () => {
    await inStep(async (step) => {
      await step.control.openPullRequest({ repo: REPO, number: 7, head: HEAD });
      await step.control.pushPackage(API, ["main", MINE]);
      await step.control.close(REPO, 7);
      const { stdout } = await step.perch("images", "--pr", "7", "--remove", "--json");
      assert.deepEqual(JSON.parse(stdout), { images: [], left: [image(MINE)] });
      assert.deepEqual((await swept(step)).residue, []);
    });
  });

  it("says what to do where the token may not", async () => {
    await inStep(async (step) => {
      await pushed(step);
      await step.control.close(REPO, 7);
      const env = { GITHUB_TOKEN: "read-only" };
      const { code, stderr } = await step.perchWith(env, "images", "--pr", "7", "--remove");
      assert.equal(code, 1);
      assert.match(stderr, /packages: write/);
    });
  });
});

describe("perch ci sweep --github", () => {
  it("finds images whose removal was missed, removes them, and then finds nothing", async () => {
    await inStep(async (step) => {
      await pushed(step);
      assert.deepEqual((await swept(step)).residue, []);
      await step.control.close(REPO, 7);
      const found = { kind: "image", image: image(MINE), repo: REPO, pr: 7 };
      const shown = await swept(step);
      assert.deepEqual([shown.code, shown.residue], [1, [found]]);
      assert.deepEqual((await swept(step, "--remove")).removed, [found]);
      assert.deepEqual(await swept(step), { code: 0, residue: [], removed: [] });
      assert.deepEqual(await tagsThere(step), ["main"]);
    });
  });

  it("keeps them for canary.keepImages", async () => {
    const keeping = perchYaml("canary: { keepImages: 7d }\n");
    await inStep(async (step) => {
      await pushed(step);
      await step.control.close(REPO, 7);
      assert.deepEqual((await swept(step, "--remove")).residue, []);
      const { stdout } = await step.perch("images", "--pr", "7", "--remove", "--json");
      assert.deepEqual(JSON.parse(stdout), { images: [], left: [] });
      assert.deepEqual(await tagsThere(step), ["main", MINE]);
    }, keeping);
  });

  it("leaves images of pull requests that GitHub does not know", async () => {
    await inStep(async (step) => {
      await pushed(step);
      await step.control.pushPackage(API, ["pr-99-0123456789ab"]);
      assert.deepEqual((await swept(step, "--remove")).removed, []);
      assert.ok((await tagsThere(step)).includes("pr-99-0123456789ab"));
    });
  });
});
