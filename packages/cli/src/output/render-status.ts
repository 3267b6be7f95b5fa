import { styleText } from "node:util";
import type { Problem, PullRequestStatus, ServiceStatus, Status, VariantStatus } from "@perch/core";
import Table from "cli-table3";
import { plainLine } from "./terminal-text.ts";
import { tryLines } from "./try-lines.ts";

export interface RenderOptions {
  /** Epoch milliseconds, for ages. */
  readonly now: number;
}

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

/** Everything a person wants to know at one glance: what runs, where, what is wrong, what to try. */
export function renderStatus(status: Status, options: RenderOptions): string {
  const blocks = [
    headline(status),
    variantTable(status, options.now),
    pullRequestLines(status),
    sourceLines(status),
    apiLines(status),
    problemLines(status),
    tryBlock(status),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function headline({ project, edge, engine, sources, settled }: Status): string {
  const state = settled ? "" : styleText("yellow", "  working…");
  const status = engine.statusUrl === undefined ? "" : styleText("dim", `  dashboard ${engine.statusUrl}/`);
  const source = sources.some(({ api }) => api !== undefined) ? styleText("dim", "  source GitHub") : "";
  return `${styleText("bold", project)}  ${styleText("cyan", edge.url)}${status}${source}${state}`;
}

function variantTable({ services, edge }: Status, now: number): string {
  const table = new Table({
    head: ["SERVICE", "PR", "STATE", "REVISION", "FOR", "ADDRESS", "URL"].map((title) =>
      styleText("dim", title),
    ),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const service of services) {
    for (const variant of [service.stable, ...service.canaries]) {
      table.push(variantRow(service, variant, edge.url, now));
    }
  }
  return table.toString().replace(/ +$/gm, "");
}

function variantRow(service: ServiceStatus, variant: VariantStatus, edgeUrl: string, now: number): string[] {
  const isStable = variant.pr === undefined;
  return [
    isStable ? service.service : "",
    isStable ? styleText("dim", "stable") : `#${variant.pr}`,
    stateText(variant),
    variant.revision +
      (variant.next === undefined
        ? ""
        : styleText("yellow", ` → ${variant.next.revision} ${variant.next.state}`)),
    variant.since === 0 ? "" : age(now - variant.since),
    variant.address ?? "",
    isStable ? (service.edge === undefined ? "" : edgeUrl + service.edge) : (variant.shareLink ?? ""),
  ];
}

/** All others are on their way. */
const COLOURS: Partial<Record<VariantStatus["state"], "green" | "red" | "dim">> = {
  ready: "green",
  failed: "red",
  sleeping: "dim",
};

function stateText({ state, restarts }: VariantStatus): string {
  const again = restarts === 0 ? "" : ` (restarted ${restarts}×)`;
  return styleText(COLOURS[state] ?? "yellow", state + again);
}

/** So many pull requests are named for one reason; a repository may have hundreds that nobody labelled. */
const NAMED_PER_REASON = 5;

/** Titles come from a pull request's author; the source has already removed what could rewrite a terminal. */
function pullRequestLines({ pullRequests }: Status): string {
  const byReason = Map.groupBy(pullRequests, ({ skipped }) => skipped);
  return [...byReason]
    .flatMap(([skipped, all]) => {
      if (skipped === undefined) return all.map((one) => pullRequestLine(one, one.services.join(", ")));
      const why = styleText("dim", `no canary: ${skipped}`);
      if (all.length <= NAMED_PER_REASON) return all.map((one) => pullRequestLine(one, why));
      return [`${all.length} pull requests  ${styleText("dim", "→")} ${why}`];
    })
    .join("\n");
}

function pullRequestLine({ number, title }: PullRequestStatus, what: string): string {
  return `#${number} ${title}  ${styleText("dim", "→")} ${what}`;
}

function sourceLines({ sources }: Status): string {
  return sources
    .filter(({ lastSeen, error }) => lastSeen === undefined && error === undefined)
    .map(({ remote }) => styleText("yellow", `reading ${remote} …`))
    .join("\n");
}

/** What the hour of GitHub's API was used for. */
function apiLines({ sources, engine }: Status): string {
  const lines = sources.flatMap(({ repo, api }) => {
    if (api === undefined) return [];
    const { requests, unmodified, remaining, limit } = api;
    const left = remaining === undefined ? "" : `; ${remaining} of ${limit} left`;
    return [
      `${repo}: ${requests} requests to GitHub within the hour, ${unmodified} of them free (304)${left}`,
    ];
  });
  if (engine.webhookUrl !== undefined) lines.push(`webhooks: ${engine.webhookUrl}`);
  return lines.map((line) => styleText("dim", line)).join("\n");
}

function problemLines({ problems, services }: Status): string {
  const variants = services.flatMap(({ stable, canaries }) => [stable, ...canaries]);
  const tails = new Map(variants.map(({ failure }) => [failure?.message, failure?.logTail]));
  return problems.map((problem) => problemText(problem, tails.get(problem.message) ?? [])).join("\n");
}

function problemText({ code, message, hint }: Problem, logTail: readonly string[]): string {
  const tail = logTail.slice(-5).map((line) => styleText("dim", `    │ ${plainLine(line).slice(0, 200)}`));
  return [
    `${styleText("red", "✗")} ${plainLine(message)} ${styleText("dim", code)}`,
    ...tail,
    `  ${hint}`,
  ].join("\n");
}

function tryBlock(status: Status): string {
  if (!status.settled) return "";
  return [styleText("bold", "Try"), ...tryLines(status).map((line) => `  ${line}`)].join("\n");
}

/** `8s`, `3m`, `2h`, `5d`: one unit is enough at a glance. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
