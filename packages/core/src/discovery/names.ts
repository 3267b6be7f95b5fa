import { isServiceName } from "@perch/header";
import { REPOSITORY } from "../config/service-schema.ts";

const MAX_NAME = 40;

/** The service name, or project name, that is nearest to what somebody wrote; `undefined` where nothing of it can be used. */
export function serviceNameFrom(written: string): string | undefined {
  const name = written
    // The scope of an npm package, and the path of an image or a module.
    .slice(written.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, MAX_NAME)
    .replace(/-canary-pr(?=-)/g, "-canary")
    .replace(/-+$/, "");
  return isServiceName(name) ? name : undefined;
}

/** The name, or the next one that nobody has: `api-2`. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const name = `${wanted.slice(0, MAX_NAME - suffix.length).replace(/-+$/, "")}${suffix}`;
    if (!taken.has(name)) return name;
  }
}

/** `owner/name` of a git remote: `git@github.com:acme/shop.git`, `https://github.com/acme/shop`; `undefined` where it has none. */
export function repositoryFrom(remote: string): string | undefined {
  const [, owner = "", name = ""] = /([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(remote.trim()) ?? [];
  const repo = `${owner}/${name}`;
  return REPOSITORY.test(repo) ? repo : undefined;
}

/** What foreign text looks like on one line for people, or in a comment. */
export function shown(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
