import { styleText } from "node:util";
import type { Comparison, Outcome, Summary } from "@perch/core";
import Table from "cli-table3";
import { PLAIN_TABLE } from "./table.ts";

const COLOURS = { pass: "green", fail: "red", inconclusive: "yellow" } as const satisfies Record<
  Outcome,
  string
>;

/** How the canaries of a service did, beside its stable; a line of reasons under each that does not pass. */
export function renderComparison(comparison: Comparison): string {
  const { service, seconds, stable, canaries } = comparison;
  const head = ["", "requests", "failed", "p50", "p95", "p99", "verdict"].map((title) =>
    styleText("dim", title),
  );
  const table = new Table({
    head,
    colAligns: ["left", "right", "right", "right", "right", "right", "left"],
    ...PLAIN_TABLE,
  });
  table.push(row("stable", stable, ""));
  for (const canary of canaries) {
    const { outcome } = canary.verdict;
    table.push(row(`#${canary.pr}`, canary, styleText(COLOURS[outcome], outcome)));
  }
  const title = `${styleText("bold", service)}  ${styleText("dim", `the last ${minutes(seconds)}`)}`;
  const nothing = canaries.length === 0 ? [`No canary of ${service} had a request.`] : [];
  return [title, table.toString().replace(/ +$/gm, ""), ...reasons(comparison), ...nothing].join("\n");
}

function row(name: string, { requests, errors, p50, p95, p99 }: Summary, verdict: string): string[] {
  const failed = requests === 0 ? "" : `${((errors / requests) * 100).toFixed(1)} %`;
  return [name, String(requests), failed, duration(p50), duration(p95), duration(p99), verdict];
}

function reasons({ canaries }: Comparison): string[] {
  return canaries.flatMap(({ pr, verdict }) => {
    if (verdict.outcome === "pass") return [];
    const said = verdict.findings
      .filter(({ outcome }) => outcome === verdict.outcome)
      .map(({ reason }) => reason);
    return [...new Set(said)].map((reason) => `#${pr}: ${reason}`);
  });
}

/** Two digits: buckets know no more. */
function duration(milliseconds: number | null): string {
  if (milliseconds === null) return "";
  if (milliseconds >= 1_000) return `${Number((milliseconds / 1_000).toPrecision(2))} s`;
  return `${Number(milliseconds.toPrecision(2))} ms`;
}

function minutes(seconds: number): string {
  if (seconds % 60 !== 0) return `${seconds} seconds`;
  return seconds === 60 ? "minute" : `${seconds / 60} minutes`;
}
