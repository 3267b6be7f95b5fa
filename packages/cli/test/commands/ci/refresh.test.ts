import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { asked, kubectlIn } from "../kubectl.ts";
import { HEAD, inStep, pullRequestEvent } from "./support.ts";

interface Received {
  readonly event: string | undefined;
  readonly isSigned: boolean;
  readonly body: { action: string; number: number; repository: { url: string } };
}

/** An applicationset-controller's webhook: answers with the given statuses, then with 200. */
async function withController(
  statuses: number[],
  work: (url: string, received: Received[]) => Promise<void>,
): Promise<void> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const signature = `sha256=${createHmac("sha256", "key").update(text).digest("hex")}`;
    received.push({
      event: request.headers["x-github-event"] as string | undefined,
      isSigned: request.headers["x-hub-signature-256"] === signature,
      body: JSON.parse(text),
    });
    response.writeHead(statuses.shift() ?? 200, { location: "http://127.0.0.1:1/elsewhere" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/webhook`, received);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe("perch ci refresh by webhook", () => {
  it("posts a signed event about the pull request, twice, and nothing that its author chose", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      await withController([], async (url, received) => {
        const env = { PERCH_WEBHOOK_URL: url, PERCH_WEBHOOK_SECRET: "key" };
        const { code, stdout, stderr } = await step.perchWith(env, "refresh");
        assert.deepEqual([code, stdout], [0, "Argo CD looks again (webhook).\n"], stderr);
        const event = {
          event: "pull_request",
          isSigned: true,
          body: { number: 7, repository: { url: "https://api.github.com/repos/acme/shop" } },
        };
        assert.partialDeepStrictEqual(received, [event, event]);
        assert.equal(received.length, 2);
        assert.doesNotMatch(JSON.stringify(received), /pwned/);
      });
    });
  });

  it("tries again when the controller is restarting, and says so when it refuses", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      await withController([503], async (url, received) => {
        const env = { PERCH_WEBHOOK_URL: url, PERCH_WEBHOOK_SECRET: "key" };
        assert.equal((await step.perchWith(env, "refresh")).code, 0);
        assert.equal(received.length, 3);
      });
      for (const status of [401, 302]) {
        await withController([status], async (url, received) => {
          const env = { PERCH_WEBHOOK_URL: url, PERCH_WEBHOOK_SECRET: "key" };
          const refused = await step.perchWith(env, "refresh");
          assert.equal(refused.code, 1);
          assert.match(refused.stderr, new RegExp(`WEBHOOK_FAILED .*it answered ${status}`));
          assert.doesNotMatch(refused.stderr, /key\b/);
          assert.equal(received.length, 1);
        });
      }
    });
  });

  it("sends nothing without a secret, with --dry-run, or where nothing is configured", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      const nothing = await step.perch("refresh", "--json");
      assert.deepEqual(JSON.parse(nothing.stdout), { refreshed: [], restarted: [] });
      await withController([], async (url, received) => {
        const unsigned = await step.perch("refresh", "--webhook-url", url);
        assert.deepEqual([unsigned.code, /PERCH_WEBHOOK_SECRET/.test(unsigned.stderr)], [2, true]);
        const env = { PERCH_WEBHOOK_URL: url, PERCH_WEBHOOK_SECRET: "key" };
        assert.equal((await step.perchWith(env, "refresh", "--dry-run")).code, 0);
        assert.equal(received.length, 0);
      });
    });
  });
});

/** Its init container has the service's image too; the container itself only says that the pod begins. */
function podThatBegins(name: string, image: string, reason: string): object {
  const waiting = (why: string) => ({ state: { waiting: { reason: why } } });
  return {
    metadata: { name, namespace: "api-canary-pr-7" },
    spec: { containers: [{ name: "api", image }], initContainers: [{ name: "migrate", image }] },
    status: {
      containerStatuses: [{ name: "api", image, ...waiting("PodInitializing") }],
      initContainerStatuses: [{ name: "migrate", image, ...waiting(reason) }],
    },
  };
}

function pod(name: string, image: string, reason?: string): object {
  const state = reason === undefined ? { running: {} } : { waiting: { reason } };
  return {
    metadata: { name, namespace: "api-canary-pr-7" },
    spec: { containers: [{ name: "api", image }] },
    status: { containerStatuses: [{ name: "api", image, state }] },
  };
}

describe("perch ci refresh by kubectl", () => {
  it("annotates the ApplicationSet, and deletes only the pods that wait for the new image", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      const image = `ghcr.io/acme/api:pr-7-${HEAD.slice(0, 12)}`;
      const items = [
        pod("stuck", image, "ImagePullBackOff"),
        pod("fine", image),
        podThatBegins("stuck-at-once", image, "ErrImagePull"),
        podThatBegins("crashing", image, "CrashLoopBackOff"),
      ];
      const env = await kubectlIn(step.folder, {
        "get pods --namespace api-canary-pr-7": JSON.stringify({ items }),
      });
      const args = ["--services", "api", "--restart", "--applicationset", "canaries-acme-shop"];
      const { code, stdout, stderr } = await step.perchWith(
        env,
        "refresh",
        ...args,
        "--context",
        "dev",
        "--json",
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        refreshed: ["annotation"],
        restarted: ["api-canary-pr-7/stuck", "api-canary-pr-7/stuck-at-once"],
      });
      const [annotate, , remove, removeAnother, ...more] = await asked(step.folder);
      assert.match(
        annotate ?? "",
        // Another value each time: the controller loses a repeated one that comes while it looks.
        /annotate applicationset canaries-acme-shop .*application-set-refresh=\d{4}-\d\d-\d\dT[\d:.]+Z$/,
      );
      assert.match(remove ?? "", /delete pod stuck --namespace api-canary-pr-7/);
      assert.match(removeAnother ?? "", /delete pod stuck-at-once --namespace api-canary-pr-7/);
      assert.deepEqual(more, []);
    });
  });

  it("says what kubectl said, and passes no option off as a name", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      const env = await kubectlIn(step.folder, {});
      const forbidden = await step.perchWith(env, "refresh", "--services", "api", "--restart");
      assert.deepEqual([forbidden.code, /Forbidden/.test(forbidden.stderr)], [1, true]);
      const option = await step.perchWith(env, "refresh", "--applicationset=--all");
      assert.equal(option.code, 2);
      assert.equal((await step.perch("refresh", "--services", "a;b")).code, 2);
      assert.equal((await step.perch("refresh", "--webhook-url", "file:///etc/passwd")).code, 2);
      const unset = await step.perchWith({ PERCH_WEBHOOK_URL: "" }, "refresh");
      assert.match(unset.stdout, /^Nothing to refresh/);
    });
  });
});
