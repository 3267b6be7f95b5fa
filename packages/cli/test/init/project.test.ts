import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { type Config, parseConfig } from "@perch/core";
import { inRepository, perch } from "../commands/support.ts";
import { COMPOSE, GO_KUBERNETES, NPM_WORKSPACES, type RepositoryFiles } from "../fixtures/repositories.ts";

async function git(folder: string, ...args: string[]): Promise<void> {
  await promisify(execFile)("git", ["-C", folder, ...args]);
}

/** What `perch init --yes` writes in a git repository of these files. */
async function initiated(files: RepositoryFiles): Promise<{ config: Config; text: string; stdout: string }> {
  const results: { config: Config; text: string; stdout: string }[] = [];
  await inRepository(async (folder) => {
    await git(folder, "init", "--quiet");
    await git(folder, "remote", "add", "origin", "git@github.com:acme/shop.git");
    const { code, stdout, stderr } = await perch(folder, "init", "--yes");
    assert.equal(code, 0, stderr);
    const text = await readFile(join(folder, "perch.yaml"), "utf8");
    const result = parseConfig(text);
    assert.ok(result.ok);
    results.push({ config: result.config, text, stdout });
  }, files);
  const [only] = results;
  assert.ok(only);
  return only;
}

describe("perch init", () => {
  it("of npm workspaces finds each service, what it speaks, and what it is built from", async () => {
    const { config, stdout } = await initiated(NPM_WORKSPACES);
    const [web, store] = [config.services.get("web"), config.services.get("store")];
    assert.deepEqual([web?.protocol, web?.edge, web?.repo], ["http", "/", "acme/shop"]);
    assert.deepEqual([store?.protocol, store?.grpcServices], ["grpc", ["store.v1.StoreService"]]);
    assert.deepEqual([...(web?.calls ?? [])], [["STORE_ADDR", "store"]]);
    assert.ok(store?.paths.includes("protos/store/v1/store.proto"));
    assert.equal(store?.database, "dynamodb");
    assert.match(stdout, /^web {2}http, in services\/web, at the edge: \/, calls store$/m);
    assert.match(stdout, /found in {3}services\/web\/package\.json: start script/);
    assert.match(stdout, /2\. `perch doctor`[\s\S]*3\. `perch up`/);
  });

  it("of a Go service takes its command, and what its manifests say of ports, probe and variables", async () => {
    const { config, text } = await initiated(GO_KUBERNETES);
    const orders = config.services.get("orders");
    assert.deepEqual([...config.services.keys()], ["orders"]);
    assert.deepEqual([orders?.edge, orders?.local?.ready], ["/orders", { kind: "http", path: "/ready" }]);
    assert.equal(orders?.local?.build, "go build -o .perch-build/orders ./cmd/orders");
    assert.equal(orders?.local?.start, 'export LISTEN_ADDR="$HOST:$PORT" && ./.perch-build/orders');
    assert.deepEqual(orders?.local?.env, { LOG_LEVEL: "info" });
    assert.match(text, /# deploy\/deployment\.yaml: Deployment orders/);
  });

  it("of a compose file takes who calls whom, and leaves out secrets and other people's images", async () => {
    const { config, text, stdout } = await initiated(COMPOSE);
    const web = config.services.get("web");
    assert.deepEqual([...(web?.calls ?? [])], [["CATALOG_ADDR", "catalog"]]);
    assert.deepEqual(web?.local?.env, { GREETING: "hello: world" });
    assert.doesNotMatch(text, /not-for-everybody/);
    assert.match(stdout, /Left out:\n {2}cache is redis:8/);
  });

  it("never overwrites a perch.yaml, and says what looks at it", async () => {
    await inRepository(
      async (folder) => {
        const { code, stderr } = await perch(folder, "init", "--yes");
        assert.deepEqual([code, /already[\s\S]*perch doctor/.test(stderr)], [2, true]);
        assert.equal(await readFile(join(folder, "perch.yaml"), "utf8"), "ours\n");
      },
      { ...COMPOSE, "perch.yaml": "ours\n" },
    );
  });

  it("in a folder of a repository writes at its root", async () => {
    await inRepository(async (folder) => {
      await git(folder, "init", "--quiet");
      assert.equal((await perch(join(folder, "web"), "init", "--yes")).code, 0);
      await access(join(folder, "perch.yaml"));
    }, COMPOSE);
  });

  it("outside of git looks at the folder, and marks the repository's name as a guess", async () => {
    await inRepository(async (folder) => {
      const { code, stdout } = await perch(folder, "init", "--yes");
      assert.equal(code, 0);
      assert.match(stdout, /a guess: no git remote tells/);
      assert.match(await readFile(join(folder, "perch.yaml"), "utf8"), /repo: owner\/\S+ # check/);
    }, COMPOSE);
  });

  it("reads nothing through a symbolic link, and nothing that git ignores", async () => {
    await inRepository(async (folder) => {
      await git(folder, "init", "--quiet");
      await mkdir(join(folder, "linked"));
      await mkdir(join(folder, "ignored"));
      await symlink(join(folder, "web/package.json"), join(folder, "linked/package.json"));
      await writeFile(join(folder, "ignored/package.json"), COMPOSE["web/package.json"] ?? "");
      await writeFile(join(folder, ".gitignore"), "ignored\n");
      const { stdout } = await perch(folder, "init", "--json");
      const { services } = JSON.parse(stdout) as { services: { name: string }[] };
      assert.deepEqual(services.map(({ name }) => name).sort(), ["catalog", "web"]);
    }, COMPOSE);
  });

  it("ends with 2 where nothing is to run, says what it saw, and writes nothing", async () => {
    await inRepository(
      async (folder) => {
        const { code, stderr } = await perch(folder, "init", "--yes");
        assert.deepEqual([code, /No service was found[\s\S]*only-image/.test(stderr)], [2, true]);
        await assert.rejects(access(join(folder, "perch.yaml")));
      },
      { "only-image/Dockerfile": 'FROM scratch\nCMD ["/program"]\n' },
    );
  });

  it("shows hostile names of files without what could steer a terminal", async () => {
    await inRepository(
      async (folder) => {
        const odd = join(folder, "odd \u001b[31mred");
        await mkdir(odd);
        await writeFile(join(odd, "Dockerfile"), 'FROM scratch\nCMD ["/program"]\n');
        const { stdout } = await perch(folder, "init", "--yes");
        assert.match(stdout, /Left out:\n {2}odd/);
        assert.equal(stdout.includes("\u001b"), false);
      },
      { "web/package.json": COMPOSE["web/package.json"] ?? "" },
    );
  });
});
