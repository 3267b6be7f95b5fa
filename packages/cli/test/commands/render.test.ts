import assert from "node:assert/strict";
import { access, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inRepository, perch, perchYaml } from "./support.ts";

const STORE = "manifests/stable/store/kustomization.yaml";
const GENERATED = "# Rendered by `perch render` from perch.yaml; changes here are lost.\n";

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, "utf8")));
}

describe("perch render", () => {
  it("writes what perch.yaml says, and then has nothing to do", async () => {
    await inRepository(async (folder) => {
      const first = await perch(folder, "render");
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^added {4}manifests\/kustomization\.yaml$/m);
      assert.match(first.stdout, /^\d+ written, 0 removed, 0 unchanged\.$/m);
      const again = await perch(folder, "render");
      assert.match(again.stdout, /^\d+ files, all as perch\.yaml says\.\n$/);
      assert.equal((await perch(folder, "render", "--check")).code, 0);
    });
  });

  it("--check lists what differs, writes nothing, and ends with 1", async () => {
    await inRepository(async (folder) => {
      await perch(folder, "render");
      await edit(join(folder, STORE), (text) => `${text}# changed by hand\n`);
      const { code, stdout } = await perch(folder, "render", "--check");
      assert.equal(code, 1);
      assert.match(stdout, /^changed {2}manifests\/stable\/store\/kustomization\.yaml$/m);
      assert.match(stdout, /1 file differs\. Run `perch render` and commit\./);
      assert.match(await readFile(join(folder, STORE), "utf8"), /# changed by hand/);
    });
  });

  it("--diff shows what would change, as a patch that git takes", async () => {
    await inRepository(async (folder) => {
      await perch(folder, "render");
      await edit(join(folder, "perch.yaml"), (text) => text.replace("ghcr.io/acme", "ghcr.io/other"));
      const { code, stdout } = await perch(folder, "render", "--diff");
      assert.equal(code, 0);
      assert.match(stdout, /^--- a\/manifests\/stable\/store\/kustomization\.yaml/m);
      assert.match(stdout, /^-.*newName: ghcr\.io\/acme\/store\n\+.*newName: ghcr\.io\/other\/store$/m);
      assert.doesNotMatch(await readFile(join(folder, STORE), "utf8"), /ghcr\.io\/other/);
    });
  });

  it("keeps the tag that promotion bumped", async () => {
    await inRepository(async (folder) => {
      await perch(folder, "render");
      await edit(join(folder, STORE), (text) => text.replace("newTag: main", 'newTag: "20261123"'));
      assert.equal((await perch(folder, "render", "--check")).code, 0);
      await edit(join(folder, "perch.yaml"), (text) => text.replace("ghcr.io/acme", "ghcr.io/other"));
      assert.equal((await perch(folder, "render")).code, 0);
      assert.match(await readFile(join(folder, STORE), "utf8"), /newTag: "20261123"/);
    });
  });

  it("removes what it rendered once and does not any more, and nothing else", async () => {
    const more = "  gone: { repo: acme/shop, path: services/gone, protocol: http }\n";
    await inRepository(
      async (folder) => {
        await perch(folder, "render");
        const own = join(folder, "manifests/canary/store/notes.md");
        await writeFile(own, "ours\n");
        await writeFile(join(folder, "perch.yaml"), perchYaml());
        const { stdout } = await perch(folder, "render");
        assert.match(stdout, /^removed {2}manifests\/canary\/gone\/kustomization\.yaml$/m);
        await assert.rejects(access(join(folder, "manifests/canary/gone")));
        assert.equal(await readFile(own, "utf8"), "ours\n");
      },
      { "perch.yaml": perchYaml(more) },
    );
  });

  it("overwrites nobody's file unless it is told to, and then writes nothing at all", async () => {
    const files = { "perch.yaml": perchYaml(), [STORE]: "resources: [mine.yaml]\n" };
    await inRepository(async (folder) => {
      const refused = await perch(folder, "render");
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /manifests\/stable\/store\/kustomization\.yaml.*--force/s);
      await assert.rejects(access(join(folder, "manifests/kustomization.yaml")));
      assert.equal((await perch(folder, "render", "--check")).code, 1);
      assert.equal((await perch(folder, "render", "--force")).code, 0);
      assert.ok((await readFile(join(folder, STORE), "utf8")).startsWith(GENERATED));
    }, files);
  });

  it("writes through no symbolic link, be it a folder or a file, and before that nothing", async () => {
    for (const path of ["manifests/stable", "manifests/platform/perch/policies.yaml"]) {
      await inRepository(async (folder) => {
        const elsewhere = join(folder, "elsewhere");
        await mkdir(elsewhere);
        await writeFile(join(elsewhere, "file"), "theirs\n");
        await mkdir(join(folder, path, ".."), { recursive: true });
        await symlink(path.endsWith(".yaml") ? join(elsewhere, "file") : elsewhere, join(folder, path));
        const { code, stderr } = await perch(folder, "render");
        assert.equal(code, 2);
        assert.match(stderr, new RegExp(`${path} is a symbolic link`));
        assert.equal(await readFile(join(elsewhere, "file"), "utf8"), "theirs\n");
        await assert.rejects(access(join(folder, "manifests/kustomization.yaml")));
      });
    }
  });

  it("--out writes into another folder, which need not be there yet", async () => {
    await inRepository(async (folder) => {
      const { code, stdout } = await perch(folder, "render", "--out", "environment", "--json");
      assert.equal(code, 0);
      const { changes, files } = JSON.parse(stdout) as { changes: { kind: string }[]; files: number };
      assert.equal(changes.length, files);
      await access(join(folder, "environment", STORE));
    });
  });

  it("reads the perch.yaml that is named", async () => {
    await inRepository(async (folder) => {
      await rename(join(folder, "perch.yaml"), join(folder, "other.yaml"));
      assert.equal((await perch(folder, "render", "--config", "other.yaml")).code, 0);
      await access(join(folder, STORE));
    });
  });

  it("ends with 2 where perch.yaml lacks what a cluster needs, and names it", async () => {
    await inRepository(async (folder) => {
      await edit(join(folder, "perch.yaml"), (text) => text.replace("registry: ghcr.io/acme\n", ""));
      const { code, stderr } = await perch(folder, "render");
      assert.equal(code, 2);
      assert.match(stderr, /CONFIG_INVALID.*registry/);
    });
  });

  it("--help has examples", async () => {
    await inRepository(async (folder) => {
      const { stdout } = await perch(folder, "render", "--help");
      assert.match(stdout, /Examples:\n {2}perch render --diff\n/);
    });
  });

  it("--compose writes containers and their routes, and leaves manifests/ alone", async () => {
    await inRepository(async (folder) => {
      await perch(folder, "render");
      const { code, stdout, stderr } = await perch(folder, "render", "--compose", "store=1,api=2,api=3");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^added {4}compose\/traefik\/routes\.yaml\nadded {4}docker-compose\.yml$/m);
      const text = await readFile(join(folder, "docker-compose.yml"), "utf8");
      assert.match(text, /^ {2}api-canary-pr-3:$/m);
      assert.equal((await perch(folder, "render", "--compose", "store=1,api=2,api=3", "--check")).code, 0);
      assert.equal((await perch(folder, "render", "--check")).code, 0);
      const other = await perch(folder, "render", "--compose", "--check");
      assert.equal(other.code, 1);
      assert.match(other.stdout, /2 files differ\. Run `perch render --compose` and commit\./);
    });
  });

  it("--compose overwrites nobody's own compose file without being asked", async () => {
    await inRepository(async (folder) => {
      const file = join(folder, "docker-compose.yml");
      await writeFile(file, "services: {}\n");
      const refused = await perch(folder, "render", "--compose");
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /perch did not write them: docker-compose\.yml/);
      assert.equal(await readFile(file, "utf8"), "services: {}\n");
      assert.equal((await perch(folder, "render", "--compose", "--force")).code, 0);
    });
  });

  it("--compose refuses what is no canary of this project", async () => {
    await inRepository(async (folder) => {
      for (const [canaries, reason] of [
        ["store", /must be a list such as/],
        ["store=0", /must be a list such as/],
        ["store=1,store=1", /names a canary twice/],
        ["price=1", /perch\.yaml has no service price/],
      ] as const) {
        const { code, stderr } = await perch(folder, "render", "--compose", canaries);
        assert.notEqual(code, 0);
        assert.match(stderr, reason);
      }
      await assert.rejects(access(join(folder, "docker-compose.yml")));
    });
  });
});
