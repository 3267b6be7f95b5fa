import assert from "node:assert/strict";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inRepository, perch, perchYaml } from "./support.ts";

const FILES = {
  "perch.yaml": perchYaml(
    "  web: { repo: acme/web, protocol: http }\ncluster: { environmentRepo: acme/shop }\n",
  ),
  "services/api/package.json": "{}",
  "services/store/deploy/base/kustomization.yaml": "resources: [ours.yaml]\n",
};

describe("perch init --kubernetes", () => {
  it("writes a base for a service that has none, leaves one that is there, and says what it did", async () => {
    await inRepository(async (folder) => {
      const { code, stdout, stderr } = await perch(folder, "init", "--kubernetes", "api", "store");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^api: services\/api\/deploy\/base written$/m);
      assert.match(stdout, /^store: services\/store\/deploy\/base there already$/m);
      for (const name of ["deployment", "service", "hpa", "pdb", "kustomization"]) {
        await access(join(folder, "services/api/deploy/base", `${name}.yaml`));
      }
      const store = join(folder, "services/store/deploy/base/kustomization.yaml");
      assert.equal(await readFile(store, "utf8"), "resources: [ours.yaml]\n");
    }, FILES);
  });

  it("never overwrites what it wrote itself", async () => {
    await inRepository(async (folder) => {
      await perch(folder, "init", "--kubernetes", "api");
      const file = join(folder, "services/api/deploy/base/deployment.yaml");
      await writeFile(file, "ours\n");
      const again = await perch(folder, "init", "--kubernetes", "api");
      assert.match(again.stdout, /there already/);
      assert.equal(await readFile(file, "utf8"), "ours\n");
    }, FILES);
  });

  it("writes nothing for a service of another repository, unless it is told where that is", async () => {
    await inRepository(async (folder) => {
      const { stdout } = await perch(folder, "init", "--kubernetes", "web", "--json");
      assert.deepEqual(JSON.parse(stdout), {
        services: [{ service: "web", folder: "deploy/base", outcome: "in another repository" }],
      });
      await assert.rejects(access(join(folder, "deploy")));
      await mkdir(join(folder, "web"));
      const told = await perch(join(folder, "web"), "init", "--kubernetes", "web", "--out", ".");
      assert.match(told.stdout, /^web: deploy\/base written$/m);
      await access(join(folder, "web/deploy/base/deployment.yaml"));
    }, FILES);
  });

  it("says that a service's folder is not there", async () => {
    await inRepository(async (folder) => {
      const { code, stdout } = await perch(folder, "init", "--kubernetes", "api");
      assert.deepEqual([code, stdout], [0, "api: services/api/deploy/base not there: no such folder\n"]);
    });
  });

  it("ends with 2 for a service that perch.yaml lacks, and for services without --kubernetes", async () => {
    await inRepository(async (folder) => {
      const unknown = await perch(folder, "init", "--kubernetes", "apy");
      assert.deepEqual([unknown.code, /It has api, store/.test(unknown.stderr)], [2, true]);
      const nothing = await perch(folder, "init", "api");
      assert.deepEqual([nothing.code, /--kubernetes/.test(nothing.stderr)], [2, true]);
    }, FILES);
  });

  it("ends with 2 for a perch.yaml that is named where one is to be written", async () => {
    await inRepository(async (folder) => {
      const { code, stderr } = await perch(folder, "init", "--config", "perch.yaml");
      assert.deepEqual([code, /--out/.test(stderr)], [2, true]);
    }, FILES);
  });

  it("--help has examples", async () => {
    await inRepository(async (folder) => {
      assert.match(
        (await perch(folder, "init", "--help")).stdout,
        /Examples:\n {2}perch init .*\n[\s\S]*\n {2}perch init --kubernetes\n/,
      );
    });
  });
});
