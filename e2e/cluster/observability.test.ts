import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Comparison } from "@perch/core";
import { readDocumentedConfig, readRules } from "../support/observability.ts";
import { perch } from "../support/perch.ts";
import { type Prometheus, startPrometheus } from "../support/prometheus.ts";
import { until } from "../support/until.ts";
import { type ApiProxy, startProxy } from "./support/cluster/api-proxy.ts";
import { ask, askUntil, servedBy } from "./support/edge.ts";
import { PATIENCE } from "./support/patience.ts";
import { perchYaml, REPOSITORIES } from "./support/perch-yaml.ts";
import { type PodDiscovery, startPodDiscovery } from "./support/pod-discovery.ts";
import { namespaceOf, open, publishAndLabel } from "./support/pull-requests.ts";
import { allGone } from "./support/residue.ts";
import { useCluster } from "./support/suite.ts";

const REQUESTS = 60;

/** A real Prometheus beside the cluster, with what docs/observability.md has for those without the operator. */
describe("a canary measured by Prometheus on a real cluster", () => {
  const suite = useCluster();
  let folder: string;
  let api: ApiProxy;
  let discovery: PodDiscovery;
  let prometheus: Prometheus;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-verdict-"));
    await writeFile(join(folder, "perch.yaml"), perchYaml(suite.cluster.inside.github));
    const { tools = "", kubeconfig } = suite.cluster;
    api = await startProxy(join(tools, "kubectl"), kubeconfig);
    discovery = await startPodDiscovery(suite.cluster);
    prometheus = await startPrometheus(await scrapesThrough(api, discovery), await readRules());
  });
  after(async () => {
    await prometheus?.close();
    await discovery?.close();
    await api?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const verdict = async (pr: number) => {
    const where = ["--config", join(folder, "perch.yaml"), "--prometheus", prometheus.url];
    const { code, stdout, stderr } = await perch([
      ...["verdict", "api", "--pr", String(pr), "--json"],
      ...where,
    ]);
    assert.ok(stdout !== "", stderr);
    const { comparisons } = JSON.parse(stdout) as { comparisons: Comparison[] };
    return { code, comparison: comparisons[0] };
  };

  /** Whether somebody is scraped, and counts. */
  const isMeasured = async (selector: string) =>
    (await prometheus.query(`perch:requests:total{${selector}}`)).length > 0;

  it("is judged by what its pods and stable's counted, to the last request", async () => {
    const { cluster } = suite;
    const pullRequest = await open(cluster, REPOSITORIES.shop);
    const { number } = pullRequest;
    await publishAndLabel(cluster, pullRequest, ["api"]);
    const selector = String(number);
    let asked = REQUESTS;
    const isServed = servedBy(`api@${number}`, "store");
    await askUntil(cluster, { selector }, (answer) => {
      asked += 1;
      return isServed(answer);
    });
    for (const variant of [`service="api",canary_pr="${number}"`, 'service="api",canary_pr=""'])
      await until(`${variant} is measured`, PATIENCE, () => isMeasured(variant));
    for (let sent = 0; sent < REQUESTS; sent += 1) {
      await ask(cluster, {});
      assert.deepEqual((await ask(cluster, { selector })).hops, [`api@${number}`, "store"]);
    }
    // Samples every 15 seconds, results every minute; those of stable's pods come when theirs do, so stable is asked on.
    let seen = await verdict(number);
    await until("the minutes have all requests", PATIENCE, async () => {
      await ask(cluster, {});
      seen = await verdict(number);
      const counts = [seen.comparison?.canaries[0], seen.comparison?.stable].map((one) => one?.requests ?? 0);
      return Math.min(...counts) >= REQUESTS;
    });
    const { code, comparison } = seen;
    const canary = comparison?.canaries[0];
    assert.ok(canary !== undefined && canary.pr === number);
    assert.ok(canary.requests <= asked, `${canary.requests} of ${asked}`);
    assert.equal(canary.errors, 0);
    assert.ok(canary.p95 !== null && canary.p95 > 0);
    // How fast it is beside other stories is chance; that it can be told is not.
    assert.notEqual(canary.verdict.outcome, "inconclusive");
    assert.equal(code, canary.verdict.outcome === "fail" ? 1 : 0);
    assert.deepEqual(await prometheus.failedRules(), []);
    await cluster.github.close(REPOSITORIES.shop, number);
    await allGone(cluster, [namespaceOf(pullRequest, "api")]);
  });
});

/** What is documented, for a Prometheus that is not one of the cluster's pods: it reaches them through the API server. */
async function scrapesThrough(api: ApiProxy, discovery: PodDiscovery): Promise<object> {
  const { scrape_configs } = await readDocumentedConfig();
  const through = [
    { source_labels: ["__address__"], target_label: "instance" },
    {
      source_labels: ["namespace", "pod", "__meta_kubernetes_pod_container_port_number"],
      separator: "/",
      regex: "(.+)/(.+)/(.+)",
      target_label: "__metrics_path__",
      replacement: "/api/v1/namespaces/$1/pods/$2:$3/proxy/metrics",
    },
    { target_label: "__address__", replacement: new URL(api.url).host },
  ];
  return {
    scrape_configs: scrape_configs.map(({ kubernetes_sd_configs, relabel_configs, ...config }) => ({
      ...config,
      http_sd_configs: (kubernetes_sd_configs as Discovered[]).map(({ namespaces }) => ({
        url: discovery.url(namespaces?.names),
        refresh_interval: "5s",
      })),
      relabel_configs: [...(relabel_configs as object[]), ...through],
    })),
  };
}

interface Discovered {
  readonly namespaces?: { readonly names: readonly string[] };
}
