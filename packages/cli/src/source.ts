import { type Config, PerchError } from "@perch/core";
import { type EngineOptions, githubIdentity } from "@perch/engine";
import type { UpFlags } from "./commands/up.ts";
import { namedRemotes, resolveRemotes } from "./remotes.ts";

/** What the flags and the environment say about where pull requests come from. */
export type SourceOptions = Pick<EngineOptions, "remotes" | "interval" | "github" | "webhook">;

type SourceFlags = Pick<UpFlags, "source" | "remote" | "interval" | "webhookPort">;

/** Milliseconds between two looks: a git remote costs nothing, GitHub counts. */
const INTERVAL = { git: 2_000, github: 10_000 } as const;
/** Milliseconds that a request to GitHub may take. */
const TIMEOUT = 15_000;

/**
 * Where pull requests come from. GitHub needs credentials; without `--source` they choose it, unless `--remote` names another place.
 * @param folder where the checkout is, for its `origin`.
 * @throws PerchError USAGE
 */
export async function sourceOptions(
  config: Config,
  flags: SourceFlags,
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<SourceOptions> {
  const webhook = webhookOption(flags, env);
  const identity = flags.source === "git" ? undefined : githubIdentity(env);
  const isGithub = flags.source === "github" || (identity !== undefined && flags.remote.length === 0);
  if (!isGithub) {
    const remotes = await resolveRemotes(config, flags.remote, folder);
    return { remotes, interval: flags.interval ?? INTERVAL.git, ...webhook };
  }
  if (identity === undefined) throw noCredentials();
  // Not origin: what a person pushes to with a key may be nothing that a token can read.
  const remotes = namedRemotes(config, flags.remote);
  const github = { identity, timeout: TIMEOUT };
  return { remotes, interval: flags.interval ?? INTERVAL.github, github, ...webhook };
}

function webhookOption(
  { webhookPort: port }: SourceFlags,
  env: NodeJS.ProcessEnv,
): Pick<SourceOptions, "webhook"> {
  if (port === undefined) return {};
  const { PERCH_WEBHOOK_SECRET: secret } = env;
  if (secret) return { webhook: { port, secret } };
  throw new PerchError({
    code: "USAGE",
    message: "--webhook-port needs the secret that GitHub signs webhooks with.",
    hint: "Set PERCH_WEBHOOK_SECRET to a long random text, and the same text in the webhook's settings on GitHub.",
    fault: "user",
  });
}

function noCredentials(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "--source github needs credentials.",
    hint: "Set GITHUB_TOKEN, or PERCH_GITHUB_APP_ID and PERCH_GITHUB_APP_PRIVATE_KEY; --source git needs none.",
    fault: "user",
  });
}
