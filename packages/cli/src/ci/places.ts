import { type Command, InvalidArgumentError, Option } from "commander";
import { addClusterOptions } from "../cluster/options.ts";
import { configOption, jsonOption } from "../options.ts";
import type { Places } from "./sweep.ts";

/** What says where to look for residue. */
export interface PlaceFlags {
  readonly github?: true;
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly config?: string;
  readonly apiUrl?: string;
  readonly days: number;
  readonly json?: boolean;
}

/** Options of every command that looks for what is left. */
export function addPlaces(command: Command): Command {
  const places = command.option(
    "--cluster",
    "in a Kubernetes cluster: Applications, namespaces and routes, read with kubectl",
  );
  return addClusterOptions(places)
    .option(
      "--github",
      "at GitHub: gate labels and Deployments, and images in the registry; the token is in GITHUB_TOKEN",
    )
    .addOption(
      new Option("--api-url <url>", "root of GitHub's API")
        .env("GITHUB_API_URL")
        .default("https://api.github.com"),
    )
    .option("--days <number>", "how far back Deployments of closed pull requests are looked at", days, 30)
    .addOption(configOption())
    .addOption(jsonOption());
}

export function placesOf({ github, cluster, kubeconfig, context, apiUrl, days: back }: PlaceFlags): Places {
  return {
    github: github === true,
    cluster: cluster === true,
    days: back,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(apiUrl !== undefined && { apiUrl }),
  };
}

function days(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a number of days from 1 to 9999.");
}
