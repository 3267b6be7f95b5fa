import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { authorize, parseChallenge } from "../../src/registry/authorization.ts";
import { sendJson, withServer } from "./support.ts";

const CREDENTIALS = { user: "ada", password: "secret" };
const BASIC = `Basic ${Buffer.from("ada:secret").toString("base64")}`;
const signal = new AbortController().signal;
const bearer = (realm: string) =>
  parseChallenge(`Bearer realm="${realm}",service="registry",scope="repository:acme/api:pull,push"`);

describe("what a registry wants to see", () => {
  it("is read with its parameters, in any case", () => {
    const challenge = bearer("https://auth.example.com/token");
    assert.equal(challenge?.scheme, "bearer");
    assert.equal(challenge.parameters.get("scope"), "repository:acme/api:pull,push");
    assert.equal(parseChallenge('BASIC Realm="x"')?.parameters.get("realm"), "x");
  });

  it("is nothing, where it is not known or not there", () => {
    for (const header of [null, "", "Negotiate", 'Bearerish realm="x"'])
      assert.equal(parseChallenge(header), undefined);
  });
});

describe("the answer to a challenge", () => {
  it("is a token of the realm, for the service and scope that were named", async () => {
    await withServer(
      (_, response) => sendJson(response, { token: "t1" }),
      async ({ origin, seen }) => {
        const challenge = bearer(`${origin}/token`);
        assert.ok(challenge);
        assert.equal(await authorize(challenge, origin, CREDENTIALS, signal), "Bearer t1");
        assert.equal(seen[0]?.url.searchParams.get("scope"), "repository:acme/api:pull,push");
        assert.equal(seen[0]?.url.searchParams.get("service"), "registry");
        assert.equal(seen[0]?.authorization, BASIC);
      },
    );
  });

  it("shows no password over plain HTTP to another origin", async () => {
    await withServer(
      (_, response) => sendJson(response, { access_token: "anonymous" }),
      async ({ origin, seen }) => {
        const challenge = bearer(`${origin}/token`);
        assert.ok(challenge);
        const given = await authorize(challenge, "https://registry.example.com", CREDENTIALS, signal);
        assert.equal(given, "Bearer anonymous");
        assert.equal(seen[0]?.authorization, undefined);
      },
    );
  });

  it("follows no redirect with it", async () => {
    await withServer(
      (_, response) => response.writeHead(307, { location: "/elsewhere" }).end(),
      async ({ origin, seen }) => {
        const challenge = bearer(`${origin}/token`);
        assert.ok(challenge);
        await assert.rejects(authorize(challenge, origin, CREDENTIALS, signal));
        assert.equal(seen.length, 1);
      },
    );
  });

  it("is none without a realm, or where no token is given", async () => {
    await withServer(
      (_, response) => response.writeHead(403).end(),
      async ({ origin }) => {
        for (const realm of ["", "nonsense", `${origin}/token`]) {
          const challenge = bearer(realm);
          assert.ok(challenge);
          assert.equal(await authorize(challenge, origin, CREDENTIALS, signal), undefined);
        }
      },
    );
  });
});
