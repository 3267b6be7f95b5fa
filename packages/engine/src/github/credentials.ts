import { createPrivateKey } from "node:crypto";
import { PerchError } from "@perch/core";
import type { GithubApp } from "./client.ts";

/** As whom the engine asks GitHub: a token, or an App, whose installation is found for each repository. */
export type GithubIdentity = { readonly token: string } | GithubApp;

/**
 * What the environment says: `GITHUB_TOKEN`, or `PERCH_GITHUB_APP_ID` with `PERCH_GITHUB_APP_PRIVATE_KEY` (PEM; `\n` may stand for a new line).
 * The App wins where both are there: its rights are narrower. `undefined` where there is neither.
 * @throws PerchError USAGE when an App is named by half, or wrongly.
 */
export function githubIdentity(env: NodeJS.ProcessEnv): GithubIdentity | undefined {
  const { GITHUB_TOKEN: token, PERCH_GITHUB_APP_ID: id, PERCH_GITHUB_APP_PRIVATE_KEY: key } = env;
  if (id || key) return app(id ?? "", key ?? "");
  if (!token) return undefined;
  // A header cannot hold it otherwise, and an error about that would show it.
  if (!/^[!-~]+$/.test(token)) throw wrong("GITHUB_TOKEN holds white space or other characters of no token.");
  return { token };
}

function app(id: string, key: string): GithubApp {
  if (!/^[1-9]\d{0,14}$/.test(id)) throw wrong("PERCH_GITHUB_APP_ID has to be the number of a GitHub App.");
  const privateKey = key.replaceAll("\\n", "\n");
  if (!isPrivateKey(privateKey))
    throw wrong(
      "PERCH_GITHUB_APP_PRIVATE_KEY has to be the App's private key as PEM, whole; in a unit's file, between single quotes.",
    );
  return { appId: Number(id), privateKey };
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}

function wrong(message: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message,
    hint: "Set GITHUB_TOKEN, or PERCH_GITHUB_APP_ID and PERCH_GITHUB_APP_PRIVATE_KEY.",
    fault: "user",
  });
}
