import { InvalidArgumentError, Option } from "commander";
import { port } from "../options.ts";

// What both `perch up` and the command that looks whether it would work can be told.

export const remoteOption = () =>
  new Option(
    "--remote <[repo=]remote>",
    "git remote to read pull requests from; once per repository (default: origin)",
  )
    .env("PERCH_REMOTE")
    .argParser(collect)
    .default([], "none");

export const sourceOption = () =>
  new Option(
    "--source <what>",
    "where pull requests come from: github, its API; git, the refs of --remote (default: github with credentials and without --remote, else git)",
  )
    .env("PERCH_SOURCE")
    .choices(["git", "github"]);

export const hostOption = () =>
  new Option(
    "--host <addresses>",
    "addresses of the edge and, the first, of the status API, separated by commas",
  )
    .env("PERCH_HOST")
    .argParser(addresses)
    .default(["127.0.0.1", "::1"], "127.0.0.1,::1");

export const edgePortOption = () =>
  new Option("--edge-port <port>", "port of the edge; 0: any")
    .env("PERCH_EDGE_PORT")
    .argParser(port)
    .default(8080);

export const statusPortOption = () =>
  new Option("--status-port <port>", "port of the status API; 0: any")
    .env("PERCH_STATUS_PORT")
    .argParser(port)
    .default(8090);

export const webhookPortOption = () =>
  new Option(
    "--webhook-port <port>",
    "port that takes GitHub's webhooks at /webhook, on every --host; 0: any (default: none)",
  )
    .env("PERCH_WEBHOOK_PORT")
    .argParser(port);

function collect(value: string, previous: readonly string[]): string[] {
  // An empty variable is one that is not set.
  return value === "" ? [...previous] : [...previous, value];
}

function addresses(value: string): string[] {
  const list = value.split(",").map((address) => address.trim());
  if (list.some((address) => !/^[0-9a-zA-Z.:-]+$/.test(address))) {
    throw new InvalidArgumentError("It must be addresses separated by commas, such as 127.0.0.1,::1.");
  }
  return list;
}
