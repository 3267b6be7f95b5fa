import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Variant } from "@perch/core";
import { type Dependencies, openDependencies } from "../../src/processes/dependencies/index.ts";

const STABLE: Variant = { service: "web" };
const CANARY: Variant = { service: "web", pr: 4 };

/** Writes files, and removes those whose text is undefined. */
async function put(root: string, files: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) await rm(join(root, path), { recursive: true });
    else {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  }
}

describe("what an install made is kept", () => {
  let folder: string;
  let dependencies: Dependencies;
  let sequence = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-kept-"));
    dependencies = openDependencies(join(folder, "cache"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  interface Given {
    readonly variant?: Variant;
    readonly commit?: string;
    /** Files of the commit beside its lock file and `kept.txt`. */
    readonly files?: Readonly<Record<string, string>>;
    readonly links?: Readonly<Record<string, string>>;
    /** What the install does beside making modules. */
    readonly makes?: (worktree: string) => Promise<unknown>;
  }

  /** One instance of that lock file: whether the install was run for it, and why it will be run for each. */
  async function instance(
    lock: string,
    { variant = STABLE, commit = "a", files = {}, links = {}, makes }: Given = {},
  ) {
    sequence += 1;
    const worktree = join(folder, String(sequence), "worktree");
    await put(worktree, {
      "package-lock.json": lock,
      "kept.txt": "as committed",
      "web/main.js": "",
      ...files,
    });
    for (const [path, target] of Object.entries(links)) await symlink(target, join(worktree, path));
    let ran = false;
    const install = async () => {
      ran = true;
      await put(worktree, { "node_modules/plain/index.js": "" });
      await makes?.(worktree);
    };
    const request = { variant, worktree, commit, folder: "web", command: "install", install };
    const reason = await dependencies.provide(request);
    return { ran, reason, worktree };
  }

  const makes: Record<
    string,
    readonly [changed: string, files: Readonly<Record<string, string | undefined>>]
  > = {
    "a virtual environment": ["web/.venv", { "web/.venv/bin/python": "" }],
    "what Yarn loads packages by": [".pnp.cjs", { ".pnp.cjs": "", node_modules: undefined }],
    "another text, as long as before": ["kept.txt", { "kept.txt": "as generated" }],
    "a file less": ["kept.txt", { "kept.txt": undefined }],
    "a lock file of its own": ["package-lock.json", { "package-lock.json": "another" }],
  };
  for (const [name, [changed, files]] of Object.entries(makes)) {
    it(`not where it is ${name}: each instance installs, and its log says why`, async () => {
      for (const variant of [STABLE, STABLE, CANARY, CANARY]) {
        const found = await instance(name, { variant, makes: (worktree) => put(worktree, files) });
        assert.deepEqual([found.ran, found.reason], [true, `it changes ${changed}`]);
        for (const [path, text] of Object.entries(files))
          if (text !== undefined) assert.equal(await readFile(join(found.worktree, path), "utf8"), text);
      }
    });
  }

  const generates = {
    "beside the packages": "node_modules/.prisma",
    "in a workspace of its own": "web/node_modules/.prisma",
    "where pnpm keeps packages": "node_modules/.pnpm/client@1.0.0/node_modules/.prisma",
  };
  for (const [name, path] of Object.entries(generates)) {
    it(`not where a package's script generates code ${name}: it is each commit's own`, async () => {
      const makes = (worktree: string) =>
        put(worktree, {
          [`${path}/index.js`]: "",
          "node_modules/.bin/x": "",
          "node_modules/.package-lock.json": "",
        });
      for (const variant of [STABLE, CANARY]) {
        const { ran, reason, worktree } = await instance(name, { variant, makes });
        assert.deepEqual([ran, reason], [true, `it generates ${path}`]);
        await put(worktree, { [`${path}/index.js`]: "as built" });
      }
    });
  }

  it("not where it is an empty folder, or no node_modules", async () => {
    const empty = { makes: (worktree: string) => mkdir(join(worktree, "out")) };
    assert.equal((await instance("empty", empty)).reason, "it changes out");
    const none = { makes: (worktree: string) => put(worktree, { node_modules: undefined }) };
    for (let i = 0; i < 2; i += 1) {
      const { ran, reason } = await instance("none", none);
      assert.deepEqual([ran, reason], [true, "it makes no node_modules"]);
    }
  });

  it("where npm makes executable what is so already, a workspace's program; and not where it was not", async () => {
    const program = { files: { "web/tool.js": "" } };
    const chmods = (added: number) => async (worktree: string) => {
      const path = join(worktree, "web/tool.js");
      await chmod(path, (await stat(path)).mode | added);
    };
    const same = await instance("same mode", { ...program, makes: chmods(0) });
    assert.equal(same.reason, undefined);
    const another = await instance("another mode", { ...program, makes: chmods(0o111) });
    assert.equal(another.reason, "it changes web/tool.js");
  });

  /** A file with nothing in it but its size, which takes no room on the disk. */
  async function sparse(path: string, bytes: number): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
    await truncate(path, bytes);
  }

  const tooMuch: Record<string, (worktree: string) => Promise<unknown>> = {
    "lock files": (worktree) =>
      Promise.all(
        Array.from({ length: 9 }, (_, i) => sparse(join(worktree, `${i}/yarn.lock`), 32 * 2 ** 20)),
      ),
    paths: async (worktree) => {
      const deep = join(worktree, ...Array.from({ length: 14 }, () => "x".repeat(250)));
      await mkdir(deep, { recursive: true });
      await Promise.all(Array.from({ length: 10_000 }, (_, i) => writeFile(join(deep, String(i)), "")));
    },
  };
  for (const [name, makes] of Object.entries(tooMuch)) {
    it(`not where it makes more ${name} than are looked at`, async () => {
      const { reason } = await instance(`many ${name}`, { makes });
      assert.equal(reason, "there are too many files to compare");
      assert.equal((await instance(`many ${name}`)).ran, true);
    });
  }

  it("not where it writes a large package.json anew: that is not compared by its text", async () => {
    const files = { "web/package.json": `{}${" ".repeat(2 ** 20)}` };
    const { reason } = await instance("large", { files, makes: (worktree) => put(worktree, files) });
    assert.equal(reason, "it changes web/package.json");
  });

  it("where it is modules, files with the same text as before, and Yarn's state", async () => {
    const files = { "package-lock.json": "same", ".yarn/install-state.gz": "" };
    const again = { makes: (worktree: string) => put(worktree, files) };
    const [first, second] = [await instance("same", again), await instance("same", again)];
    assert.deepEqual([first.reason, first.ran, second.ran], [undefined, true, false]);
  });

  it("for those that ask meanwhile, or else they install side by side once one has shown that it is not", async () => {
    let [now, most] = [0, 0];
    const slowly = async (worktree: string) => {
      now += 1;
      most = Math.max(most, now);
      await put(worktree, { made: "" });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      now -= 1;
    };
    const all = await Promise.all(Array.from({ length: 4 }, () => instance("many", { makes: slowly })));
    assert.deepEqual(
      all.map(({ ran }) => ran),
      Array(4).fill(true),
    );
    assert.equal(most, 3);
  });

  it("for one commit alone where scripts of the repository's own take part, but for those that set up git's hooks", async () => {
    const ran = async (commit: string, scripts: object) => {
      const files = { "web/package.json": JSON.stringify({ scripts }) };
      return (await instance("scripts", { commit, files })).ran;
    };
    const own = { postinstall: "node generate.js" };
    assert.deepEqual([await ran("a", own), await ran("b", own), await ran("b", own)], [true, true, false]);
    const others = { prepare: "husky", start: "node ." };
    assert.deepEqual([await ran("a", others), await ran("b", others)], [true, false]);
  });

  it("for one commit alone where any package of the workspace has scripts: who adds one does not get what stable has", async () => {
    const ran = async (variant: Variant, commit: string, manifest: string, name = "package.json") => {
      const files = { [`packages/lib/${name}`]: manifest };
      return (await instance("workspace", { variant, commit, files })).ran;
    };
    const adds = JSON.stringify({ scripts: { prepare: "tsc" } });
    assert.deepEqual([await ran(STABLE, "a", "{}"), await ran(CANARY, "b", "{}")], [true, false]);
    assert.deepEqual([await ran(CANARY, "c", adds), await ran(CANARY, "c", adds)], [true, false]);
    assert.equal(await ran(CANARY, "d", adds), true);
    // What cannot be told: too large, no JSON to Node, another form, what npm compiles.
    assert.equal(await ran(CANARY, "e", `{}${" ".repeat(2 ** 18)}`), true);
    assert.equal(await ran(CANARY, "f", `{} // ${adds}`), true);
    assert.equal(await ran(CANARY, "g", "scripts: { prepare: tsc }", "package.yaml"), true);
    assert.equal(await ran(CANARY, "h", "{}", "binding.gyp"), true);
    // Of installed packages it is not asked.
    assert.equal(await ran(CANARY, "i", adds, "node_modules/x/package.json"), false);
  });

  it("for one commit alone where its packages are more than are read", async () => {
    const large = `{}${" ".repeat(2 ** 18 - 2)}`;
    const files = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`${i}/package.json`, large]));
    const ran = async (commit: string) => (await instance("many packages", { commit, files })).ran;
    assert.deepEqual([await ran("a"), await ran("b"), await ran("b")], [true, true, false]);
  });

  it("for one commit alone where what steers it is too large to compare", async () => {
    const files = { ".npmrc": " ".repeat(2 ** 21) };
    const ran = async (commit: string) => (await instance("large settings", { commit, files })).ran;
    assert.deepEqual([await ran("a"), await ran("b"), await ran("b")], [true, true, false]);
  });

  it("for one commit alone where a link is in place of a file, and nothing that has no end is read", async () => {
    const ran = async (commit: string) =>
      (await instance("endless", { commit, links: { ".npmrc": "/dev/zero" } })).ran;
    assert.deepEqual([await ran("a"), await ran("b"), await ran("b")], [true, true, false]);
  });

  it("for the same settings alone", async () => {
    const settings = { files: { ".npmrc": "omit=dev" } };
    const ran = [await instance("set"), await instance("set", settings), await instance("set", settings)];
    assert.deepEqual(
      ran.map((one) => one.ran),
      [true, true, false],
    );
  });
});
