import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStatus } from "@perch/core";
import { asked, kubectlIn } from "./kubectl.ts";
import { inRepository, PERCH, perchWith } from "./support.ts";

const list = (...items: readonly object[]) => JSON.stringify({ kind: "List", items });

const APPLICATIONS = list(
  {
    metadata: { name: "api-canary-pr-7", namespace: "argocd" },
    spec: {
      source: {
        kustomize: { images: ["api=ghcr.io/acme/api:pr-7-0123456789ab"] },
        path: "services/api/deploy/base",
      },
    },
    status: {
      sync: { status: "Unknown" },
      conditions: [
        { type: "ComparisonError", message: "rpc error: code = Unknown desc = no \u001b[2Jsuch file" },
      ],
    },
  },
  ...["api", "store"].map((service) => ({
    metadata: { name: `shop-stable-${service}`, namespace: "argocd" },
    status: { sync: { status: "Synced" }, health: { status: "Healthy" } },
  })),
);
const SETS = list({ metadata: { name: "canaries-acme-shop", namespace: "argocd" } });

/** What somebody with all rights to read gets; nothing runs yet. */
const ALL = {
  "get applications.argoproj.io": APPLICATIONS,
  "get applicationsets.argoproj.io": SETS,
  "get deployments.apps --all-namespaces": list(stableDeployment("api"), stableDeployment("store")),
  "get replicasets.apps --all-namespaces": list(),
  "get pods --all-namespaces": list(),
  "get events --all-namespaces": list(),
  "get endpointslices.discovery.k8s.io --all-namespaces": list(endpoints("api"), endpoints("store-stable")),
};

function stableDeployment(name: string): object {
  const containers = [{ name, image: `ghcr.io/acme/${name}:v1` }];
  return {
    metadata: { name, namespace: "apps", uid: name, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { replicas: 1, template: { spec: { containers } } },
    status: { readyReplicas: 1 },
  };
}

function endpoints(service: string): object {
  const labels = { "kubernetes.io/service-name": service };
  return {
    metadata: { name: service, namespace: "apps", labels },
    endpoints: [{ conditions: { ready: true } }],
  };
}

async function inCluster(
  answers: Readonly<Record<string, string>>,
  work: (perch: (...args: string[]) => ReturnType<typeof perchWith>, folder: string) => Promise<void>,
): Promise<void> {
  await inRepository(async (folder) => {
    const env = await kubectlIn(folder, answers);
    await work((...args) => perchWith(env, folder, "status", "--cluster", ...args), folder);
  });
}

describe("perch status --cluster", () => {
  it("shows stable and canaries, and what is wrong with exit code 1", async () => {
    await inCluster(ALL, async (perch) => {
      const { code, stdout, stderr } = await perch();
      assert.deepEqual([code, stderr], [1, ""]);
      assert.match(stdout, /^SERVICE +PR +STATE +REVISION +FOR +URL$/m);
      assert.match(stdout, /^api +stable +ready +v1 /m);
      assert.match(stdout, /^ +#7 +failed +0123456789ab +http:\/\/pr-7\.localhost\/$/m);
      assert.match(
        stdout,
        /✗ .*manifests of api-canary-pr-7: no \[2Jsuch file MANIFESTS_INVALID\n +`kubectl kustomize/,
      );
      assert.match(stdout, /^#7 {2}→ api$/m);
    });
  });

  it("gives the same as JSON, in the shape of an engine's status", async () => {
    await inCluster(ALL, async (perch, folder) => {
      const { code, stdout } = await perch("--json", "--context", "dev", "--kubeconfig", "some/file");
      const { cluster, services, problems, settled } = JSON.parse(stdout) as ClusterStatus;
      assert.deepEqual([code, cluster, settled], [1, { namespace: "apps", unread: [] }, true]);
      assert.deepEqual(
        services.flatMap(({ stable, canaries }) => [stable, ...canaries]).map(({ state }) => state),
        ["ready", "failed", "ready"],
      );
      assert.deepEqual(
        problems.map(({ variant }) => variant),
        ["api-canary-pr-7"],
      );
      for (const line of await asked(folder))
        assert.match(line, /^--kubeconfig some\/file --context dev get /);
    });
  });

  it("ends with exit code 0 when all that is wanted serves", async () => {
    const healthy = list(...(JSON.parse(APPLICATIONS) as { items: object[] }).items.slice(1));
    await inCluster({ ...ALL, "get applications.argoproj.io": healthy }, async (perch) => {
      const { code, stdout } = await perch();
      assert.equal(code, 0, stdout);
      assert.match(stdout, /curl http:\/\/localhost\//);
    });
  });

  it("reads namespace by namespace where it may not list all, and says what it could not read", async () => {
    const { "get pods --all-namespaces": _, ...others } = ALL;
    const answers = { ...others, "get pods --namespace apps": list() };
    await inCluster(answers, async (perch) => {
      const { code, stdout } = await perch();
      assert.equal(code, 1);
      assert.match(stdout, /✗ Not read: pods in api-canary-pr-7\. .*\(Forbidden\).* CLUSTER_REFUSED/);
      assert.match(stdout, /^api +stable +ready +v1 /m);
    });
  });

  it("says that nothing can be read, and what would help, where that is so", async () => {
    await inCluster({}, async (perch) => {
      const { code, stdout, stderr } = await perch();
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /CLUSTER_REFUSED Nothing of this project may be read/);
      assert.match(stderr, /docs\/kubernetes\.md has a ClusterRole/);
    });
  });
});

describe("perch status --cluster --watch", () => {
  it("shows that the cluster is out of reach, and goes on", async () => {
    await inRepository(async (folder) => {
      const env = await kubectlIn(folder, ALL);
      const child = start(env, folder, "--watch");
      try {
        const pictures = watchPictures(child.stdout);
        // Of the problems the one with the cluster itself comes first.
        await pictures.until(/^(?!.*CLUSTER_REFUSED).*MANIFESTS_INVALID/s);
        await writeFile(join(folder, "objects.json"), "{}");
        await pictures.until(/CLUSTER_REFUSED.*MANIFESTS_INVALID/s);
        await writeFile(join(folder, "objects.json"), JSON.stringify(ALL));
        await pictures.until(/^(?!.*CLUSTER_REFUSED).*MANIFESTS_INVALID/s);
      } finally {
        child.kill();
        await once(child, "close");
      }
    });
  });
});

describe("perch status --cluster --serve", () => {
  it("answers as an engine does, looks again, and says what only an engine has", async () => {
    await inRepository(async (folder) => {
      const env = await kubectlIn(folder, ALL);
      const served = await serve(env, folder);
      try {
        const status = await getJson<ClusterStatus>(served.url, "/api/status");
        assert.equal(status.services[0]?.canaries[0]?.failure?.code, "MANIFESTS_INVALID");
        const { entries } = await getJson<{ entries: object[] }>(
          served.url,
          "/api/timeline?service=api&pr=7",
        );
        assert.ok(entries.length > 0);
        const log = await fetch(`${served.url}/api/logs?service=api`);
        assert.deepEqual([log.status, /only an engine/.test(await log.text())], [404, true]);
        assert.match(await (await fetch(`${served.url}/`)).text(), /<!doctype html>/i);
        assert.equal(await statusForHost(served.url, "attacker.example"), 403);
        await writeFile(join(folder, "objects.json"), "{}");
        // What was seen last stays, and that it may be old is said first.
        const later = await untilProblem(
          served.url,
          "CLUSTER_REFUSED",
          /^Nothing of this project may be read/,
        );
        assert.equal(later.services[0]?.canaries.length, 1);
        // Nor does half an answer end it.
        const half = { ...ALL, "get pods --all-namespaces": "{" };
        await writeFile(join(folder, "objects.json"), JSON.stringify(half));
        await untilProblem(served.url, "INTERNAL");
        await writeFile(join(folder, "objects.json"), JSON.stringify(ALL));
        await untilProblem(served.url, "MANIFESTS_INVALID");
      } finally {
        await served.end();
      }
    });
  });

  it("refuses what it would not do beside it", async () => {
    await inRepository(async (folder) => {
      for (const flag of ["--watch", "--json"]) {
        const { code, stderr } = await perchWith({}, folder, "status", "--cluster", "--serve", "0", flag);
        assert.equal(code, 2);
        assert.match(stderr, new RegExp(`'--serve <port>' cannot be used with option '.*${flag}'`));
      }
    });
  });

  it("is of a cluster alone, as is the choice of one", async () => {
    await inRepository(async (folder) => {
      for (const flag of [
        ["--serve", "0"],
        ["--context", "dev"],
        ["--kubeconfig", "file"],
      ]) {
        const { code, stderr } = await perchWith({}, folder, "status", ...flag);
        assert.deepEqual([code, /Add --cluster/.test(stderr)], [2, true]);
      }
    });
  });
});

function start(env: Readonly<Record<string, string>>, cwd: string, ...flags: string[]) {
  return spawn(process.execPath, [PERCH, "status", "--cluster", ...flags], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function serve(env: Readonly<Record<string, string>>, cwd: string) {
  const child = start(env, cwd, "--serve", "0");
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  const url = /http:\/\/[\d.:]+/.exec(String(first))?.[0] ?? "";
  const end = async () => {
    child.kill();
    await once(child, "close");
  };
  return { url, end };
}

/** What a status says that is printed anew again and again. */
function watchPictures(stdout: Readable) {
  let text = "";
  stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const until = async (wanted: RegExp) => {
    while (!wanted.test(text.split(/^(?=shop )/m).at(-1) ?? "")) {
      assert.ok(!stdout.readableEnded, `it ended with: ${text}`);
      await sleep(50);
    }
  };
  return { until };
}

async function getJson<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(url + path)).json()) as T;
}

/** The code of an answer to a request that names another host, as a rebound name of an attacker's does. */
async function statusForHost(url: string, host: string): Promise<number | undefined> {
  const sent = request(url, { headers: { host } }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

async function untilProblem(url: string, code: string, message = /(?:)/): Promise<ClusterStatus> {
  for (;;) {
    const status = await getJson<ClusterStatus>(url, "/api/status");
    const [first] = status.problems;
    if (first?.code === code && message.test(first.message)) return status;
    await sleep(100);
  }
}
