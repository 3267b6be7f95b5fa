import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Discovery, discover } from "@perch/core";
import { askAll } from "../../src/init/ask.ts";

const START = JSON.stringify({ scripts: { start: "node main.js" } });

/** Two services of which nothing more is known. */
function unknown(): Discovery {
  const files = ["web", "api"].map((name) => ({ path: `${name}/package.json`, text: START }));
  return discover(files, { folderName: "shop", origin: undefined });
}

async function answered(...lines: string[]): Promise<{ discovery: Discovery; asked: string[] }> {
  const asked: string[] = [];
  const discovery = await askAll(unknown(), {
    ask: async (question) => {
      asked.push(question);
      return lines.shift() ?? "";
    },
  });
  return { discovery, asked };
}

describe("questions of perch init", () => {
  it("are about what no file tells, with what is taken for an empty line", async () => {
    const { asked, discovery } = await answered();
    assert.deepEqual(asked, [
      "Which repository do pull requests come to (owner/name)? [owner/shop] ",
      "Which service answers requests from outside? (api, web) [web] ",
      "Which path of api answers 2xx once it is ready? [/] ",
      "Which path of web answers 2xx once it is ready? [/] ",
    ]);
    assert.deepEqual(
      discovery.services.map(({ name, edge, ready }) => [name, edge, ready]),
      [
        ["api", undefined, "/"],
        ["web", "/", "/"],
      ],
    );
  });

  it("are asked again until the answer makes sense", async () => {
    const { asked, discovery } = await answered("shop", "acme/shop", "nope", "api", "up", "/up", "");
    assert.equal(asked.length, 7);
    assert.equal(discovery.repo, "acme/shop");
    assert.deepEqual(
      discovery.services.map(({ name, edge, ready }) => [name, edge, ready]),
      [
        ["api", "/", "/up"],
        ["web", undefined, "/"],
      ],
    );
  });
});
