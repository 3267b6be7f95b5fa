import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { execa } from "execa";
import { perch, type Run } from "./support/perch.ts";
import { PASSWORD, startRegistry, type TestRegistry, USER } from "./support/registry.ts";

const HEAD = "0123456789abcdef0123456789abcdef01234567";
const OVERLAY = "manifests/stable/api/kustomization.yaml";
const COMMENT = "# A person's own words.\n";

let registry: TestRegistry;
let folder: string;

/** An environment repository as `perch render` makes it, committed. */
before(async () => {
  registry = await startRegistry();
  folder = await mkdtemp(join(tmpdir(), "perch-promotion-"));
  await put("perch.yaml", perchYaml(registry.host));
  await git("init", "--quiet", "--initial-branch=main");
  await run("init", "--kubernetes");
  const { code, stderr } = await run("render");
  assert.equal(code, 0, stderr);
  await commit("Rendered");
  await git("tag", "rendered");
});
beforeEach(async () => {
  await git("clean", "--quiet", "-d", "--force");
  await git("reset", "--quiet", "--hard", "rendered");
});
after(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

function perchYaml(host: string): string {
  return `apiVersion: perch.dev/v1
project: shop
registry: ${host}/acme
services:
  api: { repo: acme/shop, path: services/api, protocol: http, edge: /, calls: { STORE_ADDR: store } }
  store: { repo: acme/shop, path: services/store, protocol: grpc, grpcServices: [store.v1.StoreService] }
`;
}

function run(...args: string[]): Promise<Run> {
  return runAs({ PERCH_REGISTRY_USER: USER, PERCH_REGISTRY_PASSWORD: PASSWORD }, ...args);
}

function runAs(env: Record<string, string>, ...args: string[]): Promise<Run> {
  return perch(args, { cwd: folder, env: { DOCKER_CONFIG: folder, ...env } });
}

async function git(...args: string[]): Promise<string> {
  const who = ["-c", "user.name=test", "-c", "user.email=test@perch.invalid"];
  return (await execa("git", [...who, ...args], { cwd: folder })).stdout;
}

async function commit(subject: string): Promise<void> {
  await git("add", "--all");
  await git("commit", "--quiet", "--message", subject);
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

const overlay = () => readFile(join(folder, OVERLAY), "utf8");

async function promoted(...args: string[]): Promise<Run> {
  const result = await run("promote", "api", ...args);
  assert.equal(result.code, 0, result.stderr);
  return result;
}

/** A command is refused, says why, and has written nothing. */
async function refuses(why: RegExp, ...args: string[]): Promise<void> {
  const old = await overlay().catch(() => "");
  const { code, stderr } = await run(...args);
  assert.ok(code === 1 || code === 2, stderr);
  assert.match(stderr, why);
  assert.equal(await overlay().catch(() => ""), old);
  assert.equal(await git("status", "--porcelain"), "");
}

describe("perch promote", () => {
  it("writes the tag and nothing else, says so, and render keeps it", async () => {
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    await put(OVERLAY, `${COMMENT}${await overlay()}`);
    const old = await overlay();
    const { stdout } = await promoted("--to", "aaaaaaaaaaaa");
    assert.equal(stdout, `${OVERLAY}: main → aaaaaaaaaaaa`);
    assert.equal(await overlay(), old.replace("newTag: main", "newTag: aaaaaaaaaaaa"));
    await put(OVERLAY, (await overlay()).slice(COMMENT.length));
    assert.equal((await run("render", "--check")).code, 0);
  });

  it("goes to the tag main without --to, and says when nothing changes", async () => {
    await registry.push("acme/api", "main", "a");
    const { stdout } = await promoted();
    assert.equal(stdout, "api is at main already.");
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("twice is once", async () => {
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    await promoted("--to", "aaaaaaaaaaaa");
    const once = await overlay();
    const { stdout } = await promoted("--to", "aaaaaaaaaaaa");
    assert.match(stdout, /already/);
    assert.equal(await overlay(), once);
  });

  it("--dry-run shows it and writes nothing; --json is for scripts", async () => {
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    const { stdout } = await promoted("--to", "aaaaaaaaaaaa", "--dry-run", "--json");
    assert.deepEqual(JSON.parse(stdout), {
      service: "api",
      path: OVERLAY,
      from: "main",
      to: "aaaaaaaaaaaa",
      changed: false,
    });
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("takes a digest by the tag that the default branch gave it", async () => {
    const digest = await registry.push("acme/api", "bbbbbbbbbbbb", "by digest");
    await promoted("--to", digest);
    assert.match(await overlay(), /newTag: bbbbbbbbbbbb/);
  });

  it("quotes what YAML would read as a number", async () => {
    await registry.push("acme/api", "012345678901", "n");
    await promoted("--to", "012345678901");
    assert.match(await overlay(), /newTag: "012345678901"/);
    assert.equal((await run("render", "--check")).code, 0);
  });

  it("refuses what the registry does not have, what a pull request made, and what is no tag", async () => {
    const digest = await registry.push("acme/api", "pr-7-0123456789ab", "of a pull request");
    await refuses(/the registry does not have it/, "promote", "api", "--to", "nowhere");
    await refuses(/built from a pull request/, "promote", "api", "--to", "pr-7-0123456789ab");
    await refuses(/no tag of the registry points at it/, "promote", "api", "--to", digest);
    await refuses(/no tag of the registry/, "promote", "api", "--to", `sha256:${"0".repeat(64)}`);
    await refuses(/neither a tag nor a digest/, "promote", "api", "--to", "a;b $(c)");
    await refuses(/has no service "web"/, "promote", "web", "--to", "main");
    await refuses(/does not have it/, "promote", "store", "--to", "never-pushed");
  });

  it("refuses an overlay that it cannot read", async () => {
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    await put(OVERLAY, "images: [\n");
    await commit("Broken");
    await refuses(/api\/kustomization\.yaml cannot be read/, "promote", "api", "--to", "aaaaaaaaaaaa");
    await rm(join(folder, OVERLAY));
    await commit("Gone");
    await refuses(/`perch render` writes it/, "promote", "api", "--to", "aaaaaaaaaaaa");
  });

  it("says how to log in where the registry does not know it, and takes what `docker login` wrote", async () => {
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    const wrong = await runAs(
      { PERCH_REGISTRY_USER: USER, PERCH_REGISTRY_PASSWORD: "wrong" },
      ...["promote", "api", "--to", "aaaaaaaaaaaa"],
    );
    assert.equal(wrong.code, 1, wrong.stderr);
    assert.match(wrong.stderr, /answered 401[\s\S]*docker login/);
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
    await put("config.json", JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const logged = await runAs({}, "promote", "api", "--to", "aaaaaaaaaaaa");
    assert.equal(logged.code, 0, logged.stderr);
  });

  it("says that a registry cannot be reached", async () => {
    await put("perch.yaml", perchYaml("127.0.0.1:2"));
    const { code, stderr } = await run("promote", "api");
    assert.notEqual(code, 0);
    assert.match(stderr, /registry 127\.0\.0\.1:2 could not be asked: ECONNREFUSED/);
  });
});

describe("perch rollback", () => {
  it("goes to the tag before, and once more to the one that it came from", async () => {
    for (const tag of ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]) {
      await registry.push("acme/api", tag, tag);
      await promoted("--to", tag);
      await put("README.md", tag);
      await commit(`Promote ${tag}`);
    }
    const first = await run("rollback", "api");
    assert.equal(first.stdout, `${OVERLAY}: bbbbbbbbbbbb → aaaaaaaaaaaa`, first.stderr);
    const text = await overlay();
    assert.equal((await run("rollback", "api")).stdout, "api is at aaaaaaaaaaaa already.");
    assert.equal(await overlay(), text, "a run that is repeated before anybody commits changes nothing");
    await commit("Roll back");
    assert.equal((await run("rollback", "api")).stdout, `${OVERLAY}: aaaaaaaaaaaa → bbbbbbbbbbbb`);
  });

  it("shows it first, and says where there is nothing before", async () => {
    await refuses(/git knows no other tag of api[\s\S]*unshallow/, "rollback", "api");
    await registry.push("acme/api", "aaaaaaaaaaaa", "a");
    await promoted("--to", "aaaaaaaaaaaa");
    await commit("Promote");
    const { stdout } = await run("rollback", "api", "--dry-run");
    assert.equal(stdout, `${OVERLAY}: aaaaaaaaaaaa → main (not written)`);
    assert.equal(await git("status", "--porcelain"), "");
  });
});

describe("perch ci retag", () => {
  const subject = ["--repo", "acme/shop", "--pr", "7", "--head", HEAD];

  it("gives a head what stable runs, for each service; twice is once", async () => {
    const api = await registry.push("acme/api", "main", "stable api");
    const store = await registry.push("acme/store", "main", "stable store");
    for (let i = 0; i < 2; i += 1) {
      const args = [...subject, "--services", "api,store", ...(i === 0 ? [] : ["--from", ""])];
      const { code, stdout, stderr } = await run("ci", "retag", ...args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /acme\/api:pr-7-0123456789ab\n.*acme\/store:pr-7-0123456789ab$/);
      assert.equal(await registry.digest("acme/api", "pr-7-0123456789ab"), api);
      assert.equal(await registry.digest("acme/store", "pr-7-0123456789ab"), store);
    }
  });

  it("gives it another tag's where there is no overlay, as in a repository of services alone", async () => {
    await rm(join(folder, "manifests"), { recursive: true });
    const newest = await registry.push("acme/api", "main", "newest api");
    await refusesWithout(/manifests\/stable\/api\/kustomization\.yaml cannot be read/);
    const args = [...subject, "--services", "api", "--from", "main"];
    assert.equal((await run("ci", "retag", ...args)).code, 0);
    assert.equal(await registry.digest("acme/api", "pr-7-0123456789ab"), newest);
  });

  async function refusesWithout(why: RegExp): Promise<void> {
    const { code, stderr } = await run("ci", "retag", ...subject, "--services", "api");
    assert.deepEqual([code, why.test(stderr)], [1, true], stderr);
  }

  it("says what is missing, and makes nothing up", async () => {
    await refuses(
      /acme\/api has no tag nowhere/,
      "ci",
      "retag",
      ...subject,
      "--services",
      "api",
      "--from",
      "nowhere",
    );
    await refuses(/has no service "web"/, "ci", "retag", ...subject, "--services", "web");
  });
});

describe("perch ci images", () => {
  const listed = async (...args: string[]) => {
    const { code, stdout, stderr } = await run("ci", "images", ...args, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { images: string[]; left: string[] };
  };
  const image = (service: string, tag: string) => `${registry.host}/acme/${service}:${tag}`;

  it("lists and removes all heads of one pull request, and of no other; twice is once", async () => {
    const keep = await registry.push("acme/api", "pr-70-0123456789ab", "another's");
    const own = ["pr-17-0123456789ab", "pr-17-fedcba987654"];
    for (const tag of own) await registry.push("acme/api", tag, tag);
    await registry.push("acme/store", own[0] as string, "store's");
    const all = [...own.map((tag) => image("api", tag)), image("store", own[0] as string)];
    assert.deepEqual((await listed("--pr", "17")).images.sort(), all.sort());
    assert.deepEqual((await listed("--pr", "17", "--remove")).images.sort(), all.sort());
    assert.deepEqual(await listed("--pr", "17", "--remove"), { images: [], left: [] });
    assert.equal(await registry.digest("acme/api", "pr-70-0123456789ab"), keep);
    for (const tag of own) assert.equal(await registry.digest("acme/api", tag), undefined);
  });

  it("leaves an image that stable needs too, and says so", async () => {
    const stable = await registry.push("acme/api", "cccccccccccc", "shared");
    await registry.push("acme/api", "pr-18-0123456789ab", "shared");
    const { left, images } = await listed("--pr", "18", "--remove");
    assert.deepEqual(images, []);
    assert.deepEqual(left, [image("api", "pr-18-0123456789ab")]);
    assert.equal(await registry.digest("acme/api", "cccccccccccc"), stable);
  });
});
