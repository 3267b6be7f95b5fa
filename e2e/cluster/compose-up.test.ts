import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { type ComposeContainers, composeUp, whyNoContainers } from "./support/compose/containers.ts";
import { PATIENCE } from "./support/patience.ts";

// docker-compose.yml itself, up, on podman: what docs/compose.md tells people to try. It needs no cluster.

interface Answer {
  readonly status: number;
  readonly trail: string;
  readonly body: string;
}

const REVISION = `rev="compose"`;
const why = await whyNoContainers();

describe("docker-compose.yml, up", { skip: why ?? false }, () => {
  let containers: ComposeContainers;

  before(async () => {
    containers = await composeUp();
    // The edge may not listen yet.
    const serves = (selector?: string) =>
      get("/api/items", selector).then(
        ({ status }) => status === 200,
        () => false,
      );
    for (const selector of [undefined, "1", "2", "api=2,store=1"]) {
      await until(`${selector ?? "stable"} serves`, PATIENCE, () => serves(selector));
    }
  });
  after(() => containers?.close());

  async function get(path: string, selector?: string, url = "http://localhost:8080"): Promise<Answer> {
    const header = selector === undefined ? [] : ["--header", `X-Canary: ${selector}`];
    return answerIn(
      await containers.run(["curl", "-sS", "-i", "--max-time", "20", ...header, `${url}${path}`]),
    );
  }

  /** Id of a service's container. */
  function idOf(service: string): Promise<string> {
    const filter = `label=com.docker.compose.service=${service}`;
    return containers.podman("ps", "--all", "--filter", filter, "--format", "{{.ID}}");
  }

  const cases = [
    { claim: "stable answers an untagged request", selector: undefined, trail: "" },
    {
      claim: "a canary of store is reached through stable api",
      selector: "1",
      trail: `"api";${REVISION}, "store";pr=1;${REVISION}`,
    },
    {
      claim: "a canary of api calls stable store",
      selector: "2",
      trail: `"api";pr=2;${REVISION}, "store";${REVISION}`,
    },
    {
      claim: "a list reaches both",
      selector: "api=2,store=1",
      trail: `"api";pr=2;${REVISION}, "store";pr=1;${REVISION}`,
    },
  ];
  for (const { claim, selector, trail } of cases) {
    it(claim, async () => {
      const answer = await get("/api/items", selector);
      assert.deepEqual([answer.status, answer.trail], [200, trail]);
    });
  }

  it("a share link needs no header", async () => {
    const answer = await get("/api/items", undefined, "http://pr-1.localhost:8080");
    assert.deepEqual([answer.status, answer.trail], [200, `"api";${REVISION}, "store";pr=1;${REVISION}`]);
  });

  it("the edge is healthy by its own check", async () => {
    await containers.podman("healthcheck", "run", await idOf("perch-edge"));
  });

  it("the edge listens on loopback alone, and no other container is published", async () => {
    const ports = await containers.podman("ps", "--format", "{{.Ports}}");
    assert.deepEqual(ports.split("\n").filter(Boolean), ["127.0.0.1:8080->8080/tcp"]);
  });

  it("a canary that is stopped answers 503 and never stable; started again, it answers", async () => {
    const id = await idOf("api-canary-pr-2");
    await containers.podman("stop", id);
    // Until Traefik has seen it, within some seconds, it is tried in vain: refused, or out of time.
    await until("the stopped canary answers 503", PATIENCE, async () => {
      const { status } = await get("/api/items", "2");
      assert.ok(status >= 502 && status <= 504, String(status));
      return status === 503;
    });
    assert.equal((await get("/api/items")).status, 200);
    await containers.podman("start", id);
    await until("it serves again", PATIENCE, async () => (await get("/api/items", "2")).status === 200);
    assert.match((await get("/api/items", "2")).trail, /^"api";pr=2;/);
  });

  it("down leaves no container and no network", async () => {
    await containers.compose("down");
    assert.equal(await containers.podman("ps", "--all", "--quiet"), "");
  });
});

function answerIn(text: string): Answer {
  const [head = "", ...body] = text.replaceAll("\r", "").split("\n\n");
  const [, status] = /^HTTP\/\S+ (\d+)/.exec(head) ?? [];
  const [, trail = ""] = /^x-canary-trail: (.*)$/im.exec(head) ?? [];
  return { status: Number(status), trail, body: body.join("\n\n") };
}
