import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { credentialsFor } from "../../src/registry/credentials.ts";

const HOST = "registry.example.com";
const AUTH = Buffer.from("ada:se:cret").toString("base64");

let folder = "";
const path = process.env.PATH ?? "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-docker-"));
  process.env.PATH = `${folder}${delimiter}${path}`;
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

async function read(config: unknown) {
  await writeFile(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return credentialsFor(HOST, { DOCKER_CONFIG: folder });
}

async function helper(script: string): Promise<void> {
  const file = join(folder, "docker-credential-test");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

describe("credentials of a registry", () => {
  it("come from the environment first", async () => {
    const env = { PERCH_REGISTRY_USER: "a", PERCH_REGISTRY_PASSWORD: "b", DOCKER_CONFIG: folder };
    assert.deepEqual(await credentialsFor(HOST, env), { user: "a", password: "b" });
  });

  it("are what `docker login` wrote; a password may have colons", async () => {
    assert.deepEqual(await read({ auths: { [HOST]: { auth: AUTH } } }), { user: "ada", password: "se:cret" });
    assert.equal(await read({ auths: { "other.example.com": { auth: AUTH } } }), undefined);
  });

  it("come from a credential helper, which is told the host", async () => {
    await helper('read host; printf \'{"Username":"%s","Secret":"s"}\' "$host"');
    assert.deepEqual(await read({ credHelpers: { [HOST]: "test" } }), { user: HOST, password: "s" });
    assert.deepEqual(await read({ credsStore: "test" }), { user: HOST, password: "s" });
  });

  it("are those of the file where the helper knows none, or is no name of a program", async () => {
    await helper("exit 1");
    const auths = { [HOST]: { auth: AUTH } };
    assert.equal((await read({ credsStore: "test", auths }))?.user, "ada");
    assert.equal((await read({ credsStore: "../test", auths }))?.user, "ada");
  });

  it("are none where the file is not there or holds something else", async () => {
    assert.equal(await credentialsFor(HOST, { DOCKER_CONFIG: join(folder, "none") }), undefined);
    for (const config of [
      "",
      "{",
      "[]",
      "null",
      { auths: 7 },
      { auths: { [HOST]: { auth: "bm9jb2xvbg==" } } },
    ])
      assert.equal(await read(config), undefined);
  });
});
