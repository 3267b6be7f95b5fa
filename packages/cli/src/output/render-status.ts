import { styleText } from "node:util";
import type {
  Problem,
  PullRequestStatus,
  ServiceStatus,
  Status,
  StatusDocument,
  VariantStatus,
} from "@perch/core";
import Table from "cli-table3";
import { PLAIN_TABLE } from "./table.ts";
import { plainLine } from "./terminal-text.ts";
import { tryLines } from "./try-lines.ts";

export interface RenderOptions {
  /** Epoch milliseconds, for ages. */
  readonly now: number;
}

/** A status of an engine, or of a cluster, where no engine is. */
type Shown = StatusDocument & Partial<Pick<Status, "engine">>;

/** Everything a person wants to know at one glance: what runs, where, what is wrong, what to try. */
export function renderStatus(status: Shown, options: RenderOptions): string {
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

function headline({ project, edge, engine, sources, settled }: Shown): string {
  const state = settled ? "" : styleText("yellow", "  working…");
  const status = engine?.statusUrl === undefined ? "" : styleText("dim", `  dashboard ${engine.statusUrl}/`);
  const source = sources.some(({ api }) => api !== undefined) ? styleText("dim", "  source GitHub") : "";
  return `${styleText("bold", project)}  ${styleText("cyan", edge.url)}${status}${source}${state}`;
}

interface Row {
  readonly service: ServiceStatus;
  readonly variant: VariantStatus;
}

/** A column's title, and what a row has in it. */
type Column = readonly [title: string, text: (row: Row) => string];

function variantTable({ services, edge }: Shown, now: number): string {
  const rows = services.flatMap((service) =>
    [service.stable, ...service.canaries].map((variant) => ({ service, variant })),
  );
  const columns = columnsOf(edge.url, now).filter(
    // Variants of a cluster have no address of this machine.
    ([title, text]) => title !== "ADDRESS" || rows.some((row) => text(row) !== ""),
  );
  const table = new Table({ head: columns.map(([title]) => styleText("dim", title)), ...PLAIN_TABLE });
  for (const row of rows) table.push(columns.map(([, text]) => text(row)));
  return table.toString().replace(/ +$/gm, "");
}

function columnsOf(edgeUrl: string, now: number): Column[] {
  return [
    ["SERVICE", ({ service, variant }) => (variant.pr === undefined ? service.service : "")],
    ["PR", ({ variant: { pr } }) => (pr === undefined ? styleText("dim", "stable") : `#${pr}`)],
    ["STATE", ({ variant }) => stateText(variant)],
    ["REVISION", ({ variant }) => revisionText(variant)],
    ["FOR", ({ variant: { since } }) => (since === 0 ? "" : age(now - since))],
    ["ADDRESS", ({ variant: { address } }) => address ?? ""],
    ["URL", (row) => urlOf(row, edgeUrl)],
  ];
}

function revisionText({ revision, next }: VariantStatus): string {
  return revision + (next === undefined ? "" : styleText("yellow", ` → ${next.revision} ${next.state}`));
}

function urlOf({ service: { edge }, variant: { pr, shareLink } }: Row, edgeUrl: string): string {
  if (pr !== undefined) return shareLink ?? "";
  return edge === undefined ? "" : edgeUrl + edge;
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
function pullRequestLines({ pullRequests }: Shown): string {
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
  // A cluster does not know titles.
  const name = title === "" ? `#${number}` : `#${number} ${title}`;
  return `${name}  ${styleText("dim", "→")} ${what}`;
}

function sourceLines({ sources }: Shown): string {
  return sources
    .filter(({ lastSeen, error }) => lastSeen === undefined && error === undefined)
    .map(({ remote }) => styleText("yellow", `reading ${remote} …`))
    .join("\n");
}

/** What the hour of GitHub's API was used for. */
function apiLines({ sources, engine }: Shown): string {
  const lines = sources.flatMap(({ repo, api }) => {
    if (api === undefined) return [];
    const { requests, unmodified, remaining, limit } = api;
    const left = remaining === undefined ? "" : `; ${remaining} of ${limit} left`;
    return [
      `${repo}: ${requests} requests to GitHub within the hour, ${unmodified} of them free (304)${left}`,
    ];
  });
  if (engine?.webhookUrl !== undefined) lines.push(`webhooks: ${engine.webhookUrl}`);
  return lines.map((line) => styleText("dim", line)).join("\n");
}

function problemLines({ problems, services }: Shown): string {
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

function tryBlock(status: Shown): string {
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
