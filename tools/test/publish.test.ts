import assert from "node:assert/strict";
import { access, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { PUBLISHED } from "../publish/packages.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** The packages as they would be published: built in a copy, without sources, beside the libraries that they need. */
describe("published packages", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-publish-"));
    const copy = join(folder, "repository");
    const skip = /(^|\/)(node_modules|dist|test|\.git|\.perch)(\/|$)/;
    for (const path of ["packages", "docs", "tsconfig.base.json"]) {
      const filter = (source: string) => !skip.test(source.slice(ROOT.length));
      await cp(join(ROOT, path), join(copy, path), { recursive: true, filter });
    }
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const modules = join(folder, "node_modules", "@perch");
    await mkdir(modules, { recursive: true });
    for (const name of PUBLISHED) await packed(copy, name, join(modules, name));
    await linkLibraries(join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Only what `npm pack` would put into the archive. */
  async function packed(copy: string, name: string, to: string): Promise<void> {
    const cwd = join(copy, "packages", name);
    // The dashboard, which the engine's build makes too, is built with the whole repository.
    if (name === "engine")
      await execa(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"], { cwd });
    else await execa("npm", ["run", "--silent", "build"], { cwd });
    const { stdout } = await execa("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd });
    for (const path of archiveFiles(stdout)) await cp(join(cwd, path), join(to, path));
  }

  it("have no sources and no tests in them", async () => {
    const { stdout } = await execa("find", [
      join(folder, "node_modules", "@perch"),
      "-path",
      "*/src/*",
      "-o",
      "-name",
      "*.test.*",
    ]);
    assert.equal(stdout, "");
  });

  it("have the license in them", async () => {
    const license = await readFile(join(ROOT, "LICENSE"), "utf8");
    assert.match(license, /Apache License\s+Version 2\.0/);
    for (const name of PUBLISHED)
      assert.equal(await readFile(join(folder, "node_modules", "@perch", name, "LICENSE"), "utf8"), license);
  });

  it("load from dist, each export of each", async () => {
    const specifiers = [
      "header",
      "context",
      "context/http",
      "context/fetch",
      "context/grpc",
      "context/otel",
      "core",
      "engine",
      "engine/state",
      "engine/status",
    ];
    const script = specifiers.map((name) => `await import("@perch/${name}");`).join("\n");
    await writeFile(join(folder, "load.js"), script);
    await execa(process.execPath, ["load.js"], { cwd: folder });
  });

  it("give a perch command that runs", async () => {
    const bin = join(folder, "node_modules", "@perch", "cli", "bin", "perch.js");
    const { stdout } = await execa(process.execPath, [bin, "--version"]);
    assert.match(stdout, /^\d+\.\d+\.\d+$/);
  });

  it("have the pages that the command points to, by paths that can be opened", async () => {
    const bin = join(folder, "node_modules", "@perch", "cli", "bin", "perch.js");
    const help = await execa(process.execPath, [bin, "--help"], { cwd: folder });
    assert.match(help.stdout, /^Documentation: node_modules\/@perch\/cli\/docs;/m);
    await writeFile(join(folder, "perch.yaml"), "bad: 1\n");
    const { stderr } = await execa(process.execPath, [bin, "render"], { cwd: folder, reject: false });
    const [page = "none"] = /node_modules\S+\.md/.exec(stderr) ?? [];
    await access(join(folder, page));
  });

  it("write a first perch.yaml that names the schema where npm put it", async () => {
    const bin = join(folder, "node_modules", "@perch", "cli", "bin", "perch.js");
    await mkdir(join(folder, "services"));
    await writeFile(join(folder, "services", "package.json"), '{ "scripts": { "start": "node main.js" } }');
    await rm(join(folder, "perch.yaml"), { force: true });
    await execa(process.execPath, [bin, "init", "--yes", "--out", folder]);
    const [first = ""] = (await readFile(join(folder, "perch.yaml"), "utf8")).split("\n");
    const [, path = "none"] = /^# yaml-language-server: \$schema=(node_modules\/\S+)$/.exec(first) ?? [];
    const schema: unknown = JSON.parse(await readFile(join(folder, path), "utf8"));
    assert.ok(typeof schema === "object" && schema !== null && "properties" in schema);
  });

  async function linkLibraries(modules: string): Promise<void> {
    const { stdout } = await execa("ls", [join(ROOT, "node_modules")]);
    for (const name of stdout.split("\n")) {
      if (name !== "@perch") await symlink(join(ROOT, "node_modules", name), join(modules, name));
    }
  }
});

/** npm lists packed files under the array's first element, or under the package's name. */
function archiveFiles(json: string): string[] {
  const parsed = JSON.parse(json) as unknown;
  const [archive] = Array.isArray(parsed) ? parsed : Object.values(parsed as object);
  return (archive as { files: { path: string }[] }).files.map(({ path }) => path);
}
