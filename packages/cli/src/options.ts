import { isAbsolute, join, resolve } from "node:path";
import type { ComposeCanaries } from "@perch/core";
import { InvalidArgumentError, Option } from "commander";

/** The state folder, for every command that looks for an engine. */
export const stateDirOption = () =>
  new Option(
    "--state-dir <folder>",
    "where the engine keeps its state (default: .perch beside perch.yaml)",
  ).env("PERCH_STATE_DIR");

/** perch.yaml, for every command that reads it or finds the state folder by it. */
export const configOption = () =>
  new Option("-c, --config <file>", "perch.yaml (default: the nearest one, from here upwards)").env(
    "PERCH_CONFIG",
  );

export const jsonOption = () => new Option("--json", "print data as JSON, for scripts");

/** A TCP port; 0 means any free one. */
export function port(value: string): number {
  return wholeNumber(value, 0, 65_535, "a port from 0 to 65535");
}

/** A PR number. */
export function pullRequestNumber(value: string): number {
  return wholeNumber(value, 1, 9_999_999_999, "a pull request's number");
}

/** Canaries as `store=1,api=2`; a service may have several. */
export function canaryList(value: string): ComposeCanaries {
  const entries = value.split(",").map((entry) => {
    const [, service, pr] = /^([-a-z0-9]+)=([1-9][0-9]{0,9})$/.exec(entry) ?? [];
    if (service === undefined) throw new InvalidArgumentError("It must be a list such as store=1,api=2.");
    return { service, pr: Number(pr) };
  });
  if (new Set(value.split(",")).size < entries.length)
    throw new InvalidArgumentError("It names a canary twice.");
  return entries;
}

/** Seconds, as a decimal number, to milliseconds. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0 || number > 86_400) {
    throw new InvalidArgumentError("It must be a number of seconds above 0, at most 86400.");
  }
  return Math.round(number * 1000);
}

/** The nth line count of a log. */
export function lineCount(value: string): number {
  return wholeNumber(value, 0, 999_999, "a number of lines");
}

/** Where the state is, given the flag and the folder of perch.yaml. */
export function stateDirPath(flag: string | undefined, projectFolder: string): string {
  if (flag === undefined) return join(projectFolder, ".perch");
  return isAbsolute(flag) ? flag : resolve(flag);
}

function wholeNumber(value: string, least: number, most: number, what: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new InvalidArgumentError(`It must be ${what}.`);
  return number;
}
