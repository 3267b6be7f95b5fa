import {
  type Comparison,
  compare,
  MEASURED_SECONDS,
  PerchError,
  parseDuration,
  type Status,
} from "@perch/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { connectEngine } from "../engine-client.ts";
import { configOption, jsonOption, pullRequestNumber, stateDirOption } from "../options.ts";
import { withDocs } from "../output/docs.ts";
import { EXIT } from "../output/error.ts";
import { renderComparison } from "../output/render-comparison.ts";
import { findProject, locateStateDir, readConfig, unknownService } from "../project.ts";
import { type Prometheus, prometheusSamples } from "../samples/prometheus.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
  readonly pr?: number;
  /** Seconds. */
  readonly since: number;
  readonly prometheus?: URL;
}

/** Compares a service's variants in the last so many seconds. */
type Ask = (service: string, seconds: number) => Promise<Comparison>;

export function verdictCommand(): Command {
  return new Command("verdict")
    .argument("[service]", "one service alone")
    .option("--pr <number>", "one pull request alone", pullRequestNumber)
    .addOption(
      new Option("--since <duration>", "how far to look back; an engine keeps 15 minutes")
        .argParser(sinceSeconds)
        .default(MEASURED_SECONDS, "15m"),
    )
    .addOption(
      new Option("--prometheus <url>", "of a cluster: the root of a Prometheus with perch's rules")
        .argParser(httpUrl)
        .env("PERCH_PROMETHEUS_URL"),
    )
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      withDocs(`
A canary fails where there is evidence that it fails more requests than stable, or that it is slower; it passes when both had 50
measured requests and there is none. Without --prometheus it asks the engine on this machine. docs/verdict.md has the rules.

Exit code 1 when a canary fails; 5 when none does, but of one it cannot be told yet.

Examples:
  perch verdict
  perch verdict api --pr 7 --since 5m
  perch verdict --prometheus http://localhost:9090 --json    # a token: PERCH_PROMETHEUS_TOKEN`),
    )
    .action(run);
}

async function run(service: string | undefined, flags: Flags): Promise<void> {
  const { services, ask } =
    flags.prometheus === undefined ? await ofEngine(flags) : await ofCluster(flags, flags.prometheus);
  if (service !== undefined && !services.includes(service)) throw unknownService(service, services);
  const asked = service === undefined ? services : [service];
  const all = await Promise.all(asked.map((one) => ask(one, flags.since)));
  const comparisons = all.map((one) => onlyOf(one, flags.pr));
  const text =
    flags.json === true
      ? JSON.stringify({ comparisons }, undefined, 2)
      : comparisons.map(renderComparison).join("\n\n");
  process.stdout.write(`${text}\n`);
  process.exitCode = exitOf(comparisons, flags.pr);
}

function onlyOf(comparison: Comparison, pr: number | undefined): Comparison {
  if (pr === undefined) return comparison;
  return { ...comparison, canaries: comparison.canaries.filter((canary) => canary.pr === pr) };
}

/** A pull request that was asked for by its number, and had no request anywhere, is not one that passes. */
function exitOf(comparisons: readonly Comparison[], pr: number | undefined): number {
  const outcomes = comparisons.flatMap(({ canaries }) => canaries.map(({ verdict }) => verdict.outcome));
  if (outcomes.includes("fail")) return EXIT.failed;
  const isOpen = outcomes.includes("inconclusive") || (pr !== undefined && outcomes.length === 0);
  return isOpen ? EXIT.inconclusive : EXIT.ok;
}

async function ofEngine(flags: Flags): Promise<{ services: readonly string[]; ask: Ask }> {
  if (flags.since > MEASURED_SECONDS) throw tooLongAgo();
  const engine = await connectEngine(await locateStateDir(flags));
  const { services } = await engine.get<Status>("/api/status");
  return {
    services: services.map(({ service }) => service),
    ask: (service, seconds) => engine.get<Comparison>(`/api/verdict?service=${service}&seconds=${seconds}`),
  };
}

async function ofCluster(flags: Flags, url: URL): Promise<{ services: readonly string[]; ask: Ask }> {
  const config = await readConfig(await findProject(flags.config));
  const token = process.env.PERCH_PROMETHEUS_TOKEN;
  const prometheus: Prometheus = token === undefined ? { url } : { url, token };
  return {
    services: [...config.services.keys()],
    ask: async (service, seconds) =>
      compare(service, seconds, await prometheusSamples(prometheus, service, seconds)),
  };
}

function sinceSeconds(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 60_000 || milliseconds > 30 * 86_400_000)
    throw new InvalidArgumentError("It must be a duration such as 15m (s, m, h or d), from 1m to 30d.");
  return Math.round(milliseconds / 1_000);
}

/** Not refused as an argument: commander would print the whole text, and a password may be in it. */
function httpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new PerchError({
    code: "USAGE",
    message: "--prometheus, or PERCH_PROMETHEUS_URL, is no URL of http or https.",
    hint: "It must be a URL such as http://localhost:9090.",
    fault: "user",
  });
}

function tooLongAgo(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "An engine keeps what it measured for 15 minutes; --since asks for more.",
    hint: "Ask for less, or name the Prometheus of a cluster with --prometheus.",
    fault: "user",
  });
}
