import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { endings } from "@shop/common/testing";
import { execa } from "execa";
import { parse } from "yaml";
import { fromDebian } from "./support/debian.ts";
import { startHostileMetrics } from "./support/hostile-metrics.ts";
import {
  byVariant,
  documents,
  OBSERVABILITY,
  readDocumentedConfig,
  readMonitors,
  readRules,
} from "./support/observability.ts";
import { type ObservedShop, startObservedShop } from "./support/observed-shop.ts";
import { ROOT } from "./support/perch.ts";
import { type Pod, scrapeConfig } from "./support/pod-monitor.ts";
import { type Prometheus, type Sample, startPrometheus } from "./support/prometheus.ts";
import { until } from "./support/until.ts";

let folder: string;
let promtool: string;

before(async () => {
  promtool = await fromDebian("promtool");
  folder = await mkdtemp(join(tmpdir(), "perch-rules-"));
  await writeFile(join(folder, "rules.json"), JSON.stringify(await readRules()));
});
after(() => rm(folder, { recursive: true, force: true }));

describe("the rules of manifests/observability", () => {
  it("are rules to Prometheus, and each alert says what is wrong and what to do", async () => {
    await execa(promtool, ["check", "rules", "--lint=all", "--lint-fatal", join(folder, "rules.json")]);
    const alerts = (await readRules()).groups.flatMap((group) => group.rules).filter(({ alert }) => alert);
    assert.equal(alerts.length, 5);
    for (const { alert, annotations } of alerts) {
      assert.ok(annotations?.summary !== undefined && annotations.description !== undefined, alert);
    }
  });

  it("record and alert as e2e/observability.yaml says", async () => {
    const text = await readFile(join(ROOT, "e2e/observability.yaml"), "utf8");
    const files = documents(text).map((document, index) => ({
      path: join(folder, `test-${index}.json`),
      content: JSON.stringify(document),
    }));
    for (const { path, content } of files) await writeFile(path, content);
    const paths = files.map(({ path }) => path);
    const { exitCode, all } = await execa(promtool, ["test", "rules", ...paths], {
      reject: false,
      all: true,
    });
    assert.equal(exitCode, 0, all);
  });
});

/** What of an object is looked at. */
interface Applied {
  readonly kind: string;
  readonly metadata: { namespace: string; name: string; labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

describe("the folder manifests/observability", () => {
  it("is one kustomization, whose dashboard Grafana finds", async () => {
    const kubectl = await fromDebian("kubectl");
    const { stdout } = await execa(kubectl, ["kustomize", OBSERVABILITY]);
    const objects = documents(stdout) as Applied[];
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`).sort(),
      [
        "ConfigMap monitoring/perch-dashboard",
        "PodMonitor monitoring/perch-canaries",
        "PodMonitor monitoring/perch-stable",
        "PrometheusRule monitoring/perch",
      ],
    );
    const dashboard = objects.find(({ kind }) => kind === "ConfigMap");
    assert.equal(dashboard?.metadata.labels?.grafana_dashboard, "1");
    assert.equal(JSON.parse(dashboard?.data?.["perch.json"] ?? "{}").uid, "perch-canaries");
  });

  it("has stable where perch.yaml of this repository has it", async () => {
    const { cluster } = parse(await readFile(join(ROOT, "perch.yaml"), "utf8"));
    const [stable] = await readMonitors();
    assert.deepEqual(stable?.spec.namespaceSelector.matchNames, [cluster?.namespace ?? "apps"]);
  });
});

describe("docs/observability.md", () => {
  it("gives those who have no operator what the operator would make of the monitors", async () => {
    const { scrape_configs } = await readDocumentedConfig();
    const expected = (await readMonitors()).map((monitor) => {
      const { matchNames } = monitor.spec.namespaceSelector;
      const pods = { role: "pod", ...(matchNames !== undefined && { namespaces: { names: matchNames } }) };
      const { static_configs: _, ...config } = scrapeConfig(monitor, [], "15s");
      const own = { job_name: monitor.metadata.name, scrape_timeout: "5s", kubernetes_sd_configs: [pods] };
      return { ...config, ...own };
    });
    assert.deepEqual(scrape_configs, expected);
  });
});

/** Of the shop, as `byVariant` calls them. */
const VARIANTS = ["api", "store", "api 7", "store 8"];

/** What each limit says in Prometheus' own words. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  "/many-series": /sample limit exceeded/,
  "/many-labels": /label_limit/,
  "/long-name": /label_name_length_limit/,
  "/long-value": /label_value_length_limit/,
  "/large-body": /body size limit exceeded/,
  "/redirect": /302/,
};

describe("a real Prometheus with the monitors and rules of manifests/observability", () => {
  const all = endings();
  let shop: ObservedShop;
  let hostile: string;
  let prometheus: Prometheus;

  before(async () => {
    shop = await startObservedShop(all);
    const enemy = await startHostileMetrics(shop.stable);
    all.after(enemy.close);
    hostile = enemy.address;
    // A pull request can change the labels of its pods, and not the namespace.
    const claimed = { address: hostile, service: "api", port: "http" };
    const pods: Pod[] = [
      ...shop.pods,
      ...["/lies", ...Object.keys(REFUSED)].map((path) => ({
        ...claimed,
        namespace: "store-canary-pr-66",
        path,
      })),
      { ...claimed, namespace: "elsewhere", path: "/lies" },
      { ...claimed, namespace: "store-canary-pr-0", path: "/lies" },
    ];
    const scrape_configs = (await readMonitors()).map((monitor) => scrapeConfig(monitor, pods, "1s"));
    const groups = (await readRules()).groups.map((group) => ({ ...group, interval: "1s" }));
    prometheus = await startPrometheus({ scrape_configs }, { groups });
    all.after(prometheus.close);
    await until(
      "five variants are known",
      45,
      async () => sum(await prometheus.query("count(perch:requests:total)")) === 5,
    );
  });
  after(all.end);

  /** Requests of each, then errors of each. */
  const counts = [12, 12, 8, 8, 0, 0, 3, 3];

  it("counts requests and errors of stable and of each canary, each as itself, to the last one", async () => {
    assert.deepEqual(
      new Set([...(await shop.send("stable", 12)), ...(await shop.send("canary", 5))]),
      new Set([200]),
    );
    await shop.failCanary();
    assert.ok((await shop.send("canary", 3)).every((status) => status >= 500));
    await until("each has its counts", 45, async () => {
      const requests = byVariant(await prometheus.query("perch:requests:increase1m"));
      const errors = byVariant(await prometheus.query("perch:errors:increase1m"));
      const found = [requests, errors].flatMap((of) => VARIANTS.map((variant) => of.get(variant)));
      return isDeepStrictEqual(found, counts);
    });
  });

  it("has the durations of each, in buckets that add up to all of its requests", async () => {
    const name = "perch:duration_seconds_bucket:increase1m";
    await until("buckets add up", 45, async () => {
      const total = byVariant(await prometheus.query(`${name}{le="+Inf"}`));
      return VARIANTS.every((variant, index) => total.get(variant) === counts[index]);
    });
    const median = await prometheus.query(`histogram_quantile(0.5, ${name}{canary_pr!="66"})`);
    assert.equal(median.filter(({ value }) => value > 0 && value < 10).length, VARIANTS.length);
  });

  it("has nothing of a canary that claims to be stable, another or Prometheus, but as its own", async () => {
    const [claimed] = await prometheus.query(`count({instance="${hostile}", route="/0"})`);
    assert.equal(claimed?.value, 1);
    const variants = await prometheus.query(`count by (service, canary_pr, job) ({instance="${hostile}"})`);
    assert.deepEqual(
      variants.map(({ metric }) => metric),
      [{ service: "store", canary_pr: "66", job: "perch-canaries" }],
    );
    for (const metric of [
      "perch:requests:increase1m",
      "perch:errors:increase1m",
      "perch:duration_seconds_bucket:increase1m",
    ]) {
      const found = new Set(byVariant(await prometheus.query(metric)).keys());
      found.delete("store 66");
      assert.deepEqual(found, new Set(VARIANTS), metric);
    }
    assert.deepEqual(await prometheus.query('{__name__=~".*:.*|ALERTS", pod!=""}'), []);
    assert.deepEqual(await prometheus.query('{exported_canary_pr!=""}'), []);
    assert.equal(sum(await prometheus.query('perch:errors:increase1m{service="api", canary_pr=""}')), 0);
  });

  it("writes no sample at a time that a canary chose", async () => {
    assert.equal((await prometheus.query(`{instance="${hostile}", route="/later"}`)).length, 1);
    assert.deepEqual(await prometheus.query(`{instance="${hostile}", route="/later"} offset -11m`), []);
  });

  it("keeps working for everybody, whatever a canary exposes: no rule fails", async () => {
    assert.deepEqual(await prometheus.failedRules(), []);
  });

  it("refuses too much of anything, and a way to another's metrics, with the whole scrape", async () => {
    const errorsNow = async () => {
      const targets = (await prometheus.targets()).filter(({ labels }) => labels.instance === hostile);
      return new Map(
        targets.map(({ labels, lastError }) => [labels.pod?.replace(/^[^/]*-(?=\/)/, ""), lastError]),
      );
    };
    // Where scrapes come late, each is over its time now and then, and that is its error then.
    await until("each has its own error", 60, async () => {
      const errors = await errorsNow();
      assert.deepEqual([...errors.keys()].sort(), ["/lies", ...Object.keys(REFUSED)].sort());
      const isRefused = ([path, error]: [string, RegExp]) => error.test(errors.get(path) ?? "");
      return errors.get("/lies") === "" && Object.entries(REFUSED).every(isRefused);
    });
    assert.deepEqual(await prometheus.query('{__name__=~"flood.*"}'), []);
  });
});

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
