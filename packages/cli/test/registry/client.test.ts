import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { openRepository } from "../../src/registry/client.ts";
import { type Seen, sendJson, withServer } from "./support.ts";

const CREDENTIALS = { user: "ada", password: "secret" };
const FAILED = { code: "REGISTRY_FAILED" };
const TAGS = Array.from({ length: 2_500 }, (_, i) => `t${String(i).padStart(4, "0")}`);

/** Pages as the distribution specification has them: as many as were asked for, and a Link to the rest. */
function page({ url }: Seen, response: ServerResponse): void {
  const size = Number(url.searchParams.get("n"));
  const from = TAGS.indexOf(url.searchParams.get("last") ?? "") + 1;
  const tags = TAGS.slice(from, from + size);
  const isLast = from + size >= TAGS.length;
  const link = `<${url.pathname}?n=${size}&last=${tags.at(-1)}>; rel="next"`;
  sendJson(response, { name: "acme/api", tags }, isLast ? {} : { link });
}

describe("the tags of an image", () => {
  it("are read from all pages", async () => {
    await withServer(page, async ({ image, seen }) => {
      assert.deepEqual(await (await openRepository(image, CREDENTIALS)).tags(), TAGS);
      assert.equal(seen.length, 3);
    });
  });

  it("are asked for with the token that the challenge leads to, which is kept", async () => {
    await withServer(
      (seen, response) => {
        if (seen.url.pathname === "/token") return sendJson(response, { token: "t1" });
        if (seen.authorization === "Bearer t1") return page(seen, response);
        const realm = `Bearer realm="${seen.url.origin}/token",scope="repository:acme/api:pull"`;
        response.writeHead(401, { "www-authenticate": realm }).end();
      },
      async ({ image, seen }) => {
        assert.equal((await (await openRepository(image, CREDENTIALS)).tags()).length, TAGS.length);
        assert.equal(seen.filter(({ url }) => url.pathname === "/token").length, 1);
      },
    );
  });

  for (const [what, answer] of Object.entries({
    "text that is not JSON": (response: ServerResponse) => response.end("<html>"),
    "JSON of another shape": (response: ServerResponse) => sendJson(response, { tags: [{ a: 1 }, 7] }),
    "no map": (response: ServerResponse) => sendJson(response, null),
    "a redirect": (response: ServerResponse) => response.writeHead(302, { location: "/elsewhere" }).end(),
    "pages without end": (response: ServerResponse) =>
      sendJson(response, { tags: ["same"] }, { link: '</v2/x>; rel="next"' }),
    "more than any list of tags": (response: ServerResponse) =>
      sendJson(response, { tags: ["x".repeat(9_000_000)] }),
  })) {
    it(`are an error that names the registry where it answers with ${what}`, async () => {
      await withServer(
        (_, response) => void answer(response),
        async ({ image }) => {
          const repository = await openRepository(image, CREDENTIALS);
          await assert.rejects(repository.tags(), FAILED);
        },
      );
    });
  }
});

describe("the removal of a tag", () => {
  it("is refused by a registry that deletes nothing, and the tag is reported as left", async () => {
    await withServer(
      ({ method, url }, response) => {
        if (method === "DELETE") return void response.writeHead(405).end();
        if (url.pathname.endsWith("/tags/list")) return sendJson(response, { tags: ["pr-7-0123456789ab"] });
        response.writeHead(200, { "docker-content-digest": `sha256:${"0".repeat(64)}` }).end();
      },
      async ({ image }) => {
        const repository = await openRepository(image, CREDENTIALS);
        assert.equal(await repository.removeTag("pr-7-0123456789ab", () => true), false);
      },
    );
  });
});
