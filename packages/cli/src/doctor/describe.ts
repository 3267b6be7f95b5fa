import { styleText } from "node:util";
import { type Check, isHealthy } from "@perch/core";
import { withDocs } from "../output/docs.ts";
import { plainLine } from "../output/terminal-text.ts";

const SIGNS = { ok: ["green", "✓"], missing: ["red", "✗"], note: ["dim", "-"] } as const;

/** A line for each check, with what to do below those that fail. */
export function describeChecks(checks: readonly Check[]): string {
  const missing = checks.filter(({ outcome }) => outcome === "missing").length;
  const end = isHealthy(checks)
    ? "Nothing is missing."
    : `${missing} ${missing === 1 ? "thing is" : "things are"} missing.`;
  return `${[...checks.map(describeCheck), "", end].join("\n")}\n`;
}

function describeCheck({ name, outcome, detail, hint }: Check): string {
  const [style, sign] = SIGNS[outcome];
  const [first = "", ...more] = detail.split("\n").map(plainLine);
  const lines = [
    `${styleText(style, sign, { stream: process.stdout })} ${plainLine(name)}: ${first}`,
    ...more.map((line) => `    ${line}`),
    ...(hint === undefined ? [] : [`    → ${withDocs(plainLine(hint))}`]),
  ];
  return lines.join("\n");
}
