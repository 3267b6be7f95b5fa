import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";

const ROOT = join(import.meta.dirname, "..", "..");

/** A folder that has this repository's lint rules and one file at a time. */
describe("the import rules of ARCHITECTURE.md", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-imports-"));
    await symlink(join(ROOT, "biome.json"), join(folder, "biome.json"));
    await writeFile(join(folder, ".gitignore"), "");
    await execa("git", ["init", "--quiet", folder]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function lint(path: string, specifier: string): Promise<{ code: number; output: string }> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `import { x } from "${specifier}";\n\nexport const y = x;\n`);
    const biome = join(ROOT, "node_modules", ".bin", "biome");
    const { exitCode, all } = await execa(biome, ["lint", path], { cwd: folder, reject: false, all: true });
    await rm(file);
    return { code: exitCode ?? -1, output: String(all) };
  }

  const forbidden: [path: string, specifier: string][] = [
    ["packages/header/src/a.ts", "node:fs"],
    ["packages/header/src/a.ts", "zod"],
    ["packages/header/src/deep/a.ts", "@perch/core"],
    ["packages/context/src/a.ts", "@perch/core"],
    ["packages/context/src/a.ts", "@shop/proto"],
    ["packages/core/src/a.ts", "node:fs"],
    ["packages/core/src/deep/a.ts", "node:path"],
    ["packages/core/src/a.ts", "@perch/context"],
    ["packages/core/src/a.ts", "@perch/engine"],
    ["packages/engine/src/a.ts", "@perch/cli"],
    ["packages/engine/src/a.ts", "@perch/context"],
    ["packages/engine/src/a.ts", "../../core/src/index.ts"],
    ["packages/cli/src/a.ts", "@perch/context"],
    ["packages/cli/src/a.ts", "@perch/conformance"],
    ["apps/dashboard/src/a.ts", "node:fs"],
    ["apps/dashboard/src/a.tsx", "@perch/engine"],
    ["apps/dashboard/src/deep/a.ts", "../../../extension/src/a.ts"],
    ["apps/extension/src/a.ts", "node:fs"],
    ["apps/extension/src/a.ts", "@perch/engine"],
    ["apps/extension/src/a.tsx", "@perch/core"],
    ["services/api/src/a.ts", "@perch/core"],
    ["services/api/src/a.ts", "@perch/header"],
    ["services/api/src/a.ts", "../../store/src/main.ts"],
    ["packages/engine/test/a.test.ts", "../../core/src/index.ts"],
  ];
  for (const [path, specifier] of forbidden) {
    it(`refuse ${specifier} in ${path}`, async () => {
      const { code, output } = await lint(path, specifier);
      assert.match(output, /noRestrictedImports/);
      assert.notEqual(code, 0);
    });
  }

  const allowed: [path: string, specifier: string][] = [
    ["packages/header/src/a.ts", "./b.ts"],
    ["packages/header/src/deep/a.ts", "../b.ts"],
    ["packages/context/src/a.ts", "@perch/header"],
    ["packages/context/src/a.ts", "node:async_hooks"],
    ["packages/core/src/a.ts", "@perch/header"],
    ["packages/core/src/a.ts", "zod"],
    ["packages/engine/src/a.ts", "@perch/core"],
    ["packages/engine/src/a.ts", "node:fs"],
    ["packages/cli/src/a.ts", "@perch/engine"],
    ["apps/dashboard/src/a.ts", "@perch/header"],
    ["apps/dashboard/src/deep/a.tsx", "@perch/core"],
    ["apps/dashboard/src/a.tsx", "preact/hooks"],
    ["apps/extension/src/a.ts", "@perch/header"],
    ["apps/extension/src/a.ts", "wxt/browser"],
    ["services/api/src/a.ts", "@perch/context"],
    ["services/api/src/a.ts", "@perch/context/grpc"],
    ["services/api/src/a.ts", "@shop/proto"],
    ["packages/engine/test/a.test.ts", "../src/engine.ts"],
  ];
  for (const [path, specifier] of allowed) {
    it(`allow ${specifier} in ${path}`, async () => {
      const { code, output } = await lint(path, specifier);
      assert.equal(code, 0, output);
    });
  }
});
