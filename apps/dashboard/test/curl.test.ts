import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { curlLines } from "../src/curl.ts";

const edge = { url: "http://localhost:8080", tryPath: "/api/items" };

describe("curl lines", () => {
  it("reach stable plainly", () => {
    assert.deepEqual(curlLines(edge, {}), [
      { what: "Stable", line: "curl -i http://localhost:8080/api/items" },
    ]);
  });

  it("reach a canary by header, by share link, and by Host where that does not resolve", () => {
    const lines = curlLines(edge, { selector: "store=45", shareLink: "http://store-pr-45.localhost:8080/" });
    assert.deepEqual(
      lines.map(({ line }) => line),
      [
        "curl -i -H 'X-Canary: store=45' http://localhost:8080/api/items",
        "curl -i http://store-pr-45.localhost:8080/api/items",
        "curl -i -H 'Host: store-pr-45.localhost:8080' http://localhost:8080/api/items",
      ],
    );
  });

  it("give a shell the path as it is, whatever is in it", () => {
    const tryPath = "/a?b=1&c='$(x)";
    const [line] = curlLines({ ...edge, tryPath }, {});
    const shown = execFileSync("sh", ["-c", (line?.line ?? "").replace("curl -i", "printf %s")], {
      encoding: "utf8",
    });
    assert.equal(shown, edge.url + tryPath);
  });
});
