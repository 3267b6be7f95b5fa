import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { ROOT } from "./perch.ts";
import type { PodMonitor } from "./pod-monitor.ts";
import type { Sample } from "./prometheus.ts";

/** What is applied to a cluster. */
export const OBSERVABILITY = join(ROOT, "manifests/observability");

/** A file for Prometheus' `rule_files`. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The PrometheusRule's own. */
export async function readRules(): Promise<Rules> {
  return parse(await readFile(join(OBSERVABILITY, "rules.yaml"), "utf8")).spec;
}

/** That of stable, then that of canaries. */
export async function readMonitors(): Promise<PodMonitor[]> {
  return documents(await readFile(join(OBSERVABILITY, "pod-monitors.yaml"), "utf8")) as PodMonitor[];
}

/** The `scrape_configs` that docs/observability.md gives to those who have no operator. */
export async function readDocumentedConfig(): Promise<{ scrape_configs: Record<string, unknown>[] }> {
  const text = await readFile(join(ROOT, "docs/observability.md"), "utf8");
  const [, yaml] = /^```yaml\n(scrape_configs:\n.*?)^```$/ms.exec(text) ?? [];
  assert.ok(yaml !== undefined);
  return parse(yaml);
}

/** Every document of a YAML stream. */
export function documents(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** `api`, or `api 7` for a canary → value. */
export function byVariant(samples: readonly Sample[]): Map<string, number> {
  return new Map(
    samples.map(({ metric, value }) => {
      const { service, canary_pr: pr } = metric;
      return [pr === undefined ? String(service) : `${service} ${pr}`, value];
    }),
  );
}
