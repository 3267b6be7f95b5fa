import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";

const ROOT = join(import.meta.dirname, "..", "..");
const PACKAGES = ["header", "context", "core", "engine", "cli"];

/** The packages as they would be published: built in a copy, without sources, beside the libraries that they need. */
describe("published packages", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-publish-"));
    const copy = join(folder, "repository");
    const skip = /(^|\/)(node_modules|dist|test|\.git|\.perch)(\/|$)/;
    for (const path of ["packages", "tsconfig.base.json"]) {
      const filter = (source: string) => !skip.test(source.slice(ROOT.length));
      await cp(join(ROOT, path), join(copy, path), { recursive: true, filter });
    }
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const modules = join(folder, "node_modules", "@perch");
    await mkdir(modules, { recursive: true });
    for (const name of PACKAGES) await packed(copy, name, join(modules, name));
    await linkLibraries(join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Only what `npm pack` would put into the archive. */
  async function packed(copy: string, name: string, to: string): Promise<void> {
    const cwd = join(copy, "packages", name);
    await execa(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"], { cwd });
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
