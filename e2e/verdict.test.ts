import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Comparison } from "@perch/core";
import { type Demo, startDemo } from "./support/demo.ts";
import type { Run } from "./support/perch.ts";

/** What a pull request does to every fourth list of items. */
const FAILING = `if (++lists % 4 === 0) throw new Error("of this pull request");`;
const ITEMS = "services/api/src/routes/items.ts";

describe("perch verdict", () => {
  let demo: Demo & { readonly up: Run };
  before(async () => {
    demo = await startDemo();
    assert.equal(demo.up.code, 0, demo.up.stdout + demo.up.stderr);
    const head = await demo.push(2, ITEMS, (content) => {
      const list = "    const { items, nextPageToken } =";
      assert.ok(content.includes(list), "the route that the test breaks is there");
      return content
        .replace("export function itemRoutes", "let lists = 0;\nexport function itemRoutes")
        .replace(list, `    ${FAILING}\n${list}`);
    });
    await served(head.slice(0, 12));
    await send(60);
    await send(60, "2");
    // Too few to fail, however slow a busy machine makes them.
    await send(2, "1");
  });
  after(() => demo.end());

  async function served(revision: string): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      const { services } = await demo.status();
      if (services.some(({ canaries }) => canaries.some((one) => one.revision === revision))) return;
      await sleep(200);
    }
    assert.fail(`${revision} does not serve`);
  }

  /** One after the other: so many at once, on a busy machine, wait for one store until their deadline. */
  async function send(requests: number, selector?: string): Promise<void> {
    for (let n = 0; n < requests; n += 1)
      await demo.get("/api/items", selector === undefined ? {} : { "x-canary": selector });
  }

  it("fails a canary that fails requests, says why, and ends with 1", async () => {
    const { code, stdout } = await demo.perch("verdict", "api");
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^api {2}the last 15 minutes\n/);
    assert.match(stdout, /^stable +\d+ +0\.0 % +\d/m);
    assert.match(stdout, /^#2 +60 +25\.0 % +.* fail$/m);
    assert.match(stdout, /^#2: 25\.0 % of its requests failed, 0\.0 % of stable's\.$/m);
  });

  it("waits for more requests where there were few, and ends with 5", async () => {
    const { code, stdout } = await demo.perch("verdict", "store", "--pr", "1");
    assert.equal(code, 5, stdout);
    assert.match(stdout, /^#1 +2 .* inconclusive$/m);
    assert.match(stdout, /^#1: It had 2 requests; 50 are needed to tell\.$/m);
    const unused = await demo.perch("verdict", "--pr", "9");
    assert.equal(unused.code, 5);
    assert.match(unused.stdout, /^No canary of store had a request\.$/m);
  });

  it("tells scripts the same", async () => {
    const { code, stdout } = await demo.perch("verdict", "--json", "--since", "10m");
    assert.equal(code, 1);
    const { comparisons } = JSON.parse(stdout) as { comparisons: Comparison[] };
    assert.deepEqual(
      comparisons.map(({ service, seconds, canaries }) => [
        service,
        seconds,
        canaries.map(({ pr, verdict }) => [pr, verdict.outcome]),
      ]),
      [
        ["api", 600, [[2, "fail"]]],
        ["store", 600, [[1, "inconclusive"]]],
      ],
    );
  });

  it("passes what fails no request, once there were enough; how fast it is on a busy machine is chance", async () => {
    await send(60, "1");
    const { code, stdout } = await demo.perch("verdict", "store", "--json");
    const { comparisons } = JSON.parse(stdout) as { comparisons: Comparison[] };
    const canary = comparisons[0]?.canaries[0];
    assert.deepEqual([canary?.pr, canary?.requests, canary?.errors], [1, 62, 0]);
    const [errors, slow] = canary?.verdict.findings ?? [];
    assert.deepEqual([errors?.measure, errors?.outcome], ["errors", "pass"]);
    assert.equal(code, slow?.outcome === "fail" ? 1 : 0);
  });

  it("names what it does not know, and what it does not keep", async () => {
    const unknown = await demo.perch("verdict", "basket");
    assert.match(unknown.stderr, /has no service "basket"[\s\S]*It has api, store\./);
    assert.notEqual(unknown.code, 0);
    const long = await demo.perch("verdict", "--since", "1d");
    assert.match(long.stderr, /keeps what it measured for 15 minutes[\s\S]*--prometheus/);
    assert.notEqual(long.code, 0);
    assert.match((await demo.perch("verdict", "--since", "soon")).stderr, /a duration such as 15m/);
    assert.match((await demo.perch("verdict", "--prometheus", "nowhere")).stderr, /a URL such as/);
  });
});
