import { type Command, InvalidArgumentError, Option } from "commander";
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

const tlsCertOption = () =>
  new Option(
    "--tls-cert <file>",
    "certificate of the edge, PEM with its chain: TLS and HTTP/2; read again when it changes",
  ).env("PERCH_TLS_CERT");

const tlsKeyOption = () => new Option("--tls-key <file>", "its key, PEM").env("PERCH_TLS_KEY");

const redirectPortOption = () =>
  new Option(
    "--redirect-port <port>",
    "port without TLS that leads people to the edge, on every --host (default: none)",
  )
    .env("PERCH_REDIRECT_PORT")
    .argParser(port);

const trustedProxyOption = () =>
  new Option(
    "--trusted-proxy <ranges>",
    "addresses or ranges, separated by commas, of proxies whose X-Forwarded-* the edge believes (default: none)",
  )
    .env("PERCH_TRUSTED_PROXY")
    .argParser(list);

const publicUrlOption = () =>
  new Option("--public-url <url>", "what people reach the edge by, where a proxy is in front of it").env(
    "PERCH_PUBLIC_URL",
  );

const statusNameOption = () =>
  new Option(
    "--status-name <names>",
    "names and IP addresses, separated by commas, that the status API answers to beside localhost and the address that it listens on",
  )
    .env("PERCH_STATUS_NAME")
    .argParser(list);

/** What is in front of the engine: TLS, proxies, names. */
export function addFrontOptions(command: Command): Command {
  return command
    .addOption(tlsCertOption())
    .addOption(tlsKeyOption())
    .addOption(redirectPortOption())
    .addOption(trustedProxyOption())
    .addOption(publicUrlOption())
    .addOption(statusNameOption());
}

function list(value: string): string[] {
  return value.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]));
}

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
