import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { type Config, parseConfig } from "@perch/core";
import { sourceOptions } from "../src/source.ts";

const yaml = `
apiVersion: perch.dev/v1
project: x
services:
  web: { repo: acme/shop, protocol: http, local: { start: x } }
  store: { repo: acme/store, protocol: http, local: { start: x } }
`;

function config(): Config {
  const result = parseConfig(yaml);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

const remote = ["acme/shop=/shop.git", "acme/store=/store.git"];
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});
const key = privateKey.trim().replaceAll("\n", "\\n");
const app = { PERCH_GITHUB_APP_ID: "7", PERCH_GITHUB_APP_PRIVATE_KEY: key };
const of = (flags: Partial<Parameters<typeof sourceOptions>[1]>, env: NodeJS.ProcessEnv = {}) =>
  sourceOptions(config(), { remote: [], ...flags }, env, "/");

describe("the source of pull requests", () => {
  it("is the git remotes without credentials, looked at every two seconds", async () => {
    const { github, interval, remotes } = await of({ remote });
    assert.deepEqual([github, interval, remotes.get("acme/shop")], [undefined, 2_000, "/shop.git"]);
  });

  it("is GitHub with a token, looked at every ten seconds, and git reads from GitHub too", async () => {
    const { github, interval, remotes } = await of({}, { GITHUB_TOKEN: "t" });
    assert.deepEqual(github?.identity, { token: "t" });
    assert.deepEqual([interval, remotes.size], [10_000, 0]);
  });

  it("stays the git remotes where they are named, whatever token is around", async () => {
    assert.equal((await of({ remote }, { GITHUB_TOKEN: "t" })).github, undefined);
    const both = await of({ source: "github", remote: remote.slice(1) }, { GITHUB_TOKEN: "t" });
    assert.deepEqual([both.github === undefined, [...both.remotes]], [false, [["acme/store", "/store.git"]]]);
    assert.equal((await of({ source: "git", remote }, { GITHUB_TOKEN: "a b" })).github, undefined);
  });

  it("prefers an App to a token, and takes a key on one line", async () => {
    const { github } = await of({}, { ...app, GITHUB_TOKEN: "t" });
    assert.deepEqual(github?.identity, { appId: 7, privateKey: key.replaceAll("\\n", "\n") });
  });

  it("refuses credentials that cannot be any, and never shows them", async () => {
    const wrong = [
      { GITHUB_TOKEN: "se cret" },
      { PERCH_GITHUB_APP_ID: "7" },
      { ...app, PERCH_GITHUB_APP_ID: "seven" },
      { ...app, PERCH_GITHUB_APP_PRIVATE_KEY: "secret" },
      // As a unit's file has it whose value was not quoted.
      { ...app, PERCH_GITHUB_APP_PRIVATE_KEY: key.replaceAll("\\n", "n") },
    ];
    for (const env of wrong) {
      const error = (await of({}, env).catch((failure: Error) => failure)) as Error;
      assert.match(error.message, /^(GITHUB_TOKEN|PERCH_GITHUB_APP_)/);
      assert.doesNotMatch(error.message, /cret/);
    }
    await assert.rejects(of({ source: "github" }), { code: "USAGE", hint: /GITHUB_TOKEN/ });
  });

  it("takes webhooks only with a secret", async () => {
    await assert.rejects(of({ remote, webhookPort: 1 }), { code: "USAGE", hint: /PERCH_WEBHOOK_SECRET/ });
    const { webhook } = await of({ remote, webhookPort: 1 }, { PERCH_WEBHOOK_SECRET: "s" });
    assert.deepEqual(webhook, { port: 1, secret: "s" });
  });
});
