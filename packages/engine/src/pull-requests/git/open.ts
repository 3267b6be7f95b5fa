import { PerchError } from "@perch/core";
import type { OpenRepository } from "../source.ts";
import { gitSource } from "./index.ts";
import { openMirror } from "./mirror.ts";

/** Opens repositories at their git remotes. It throws PerchError USAGE for one that has none. */
export function openGit(remotes: ReadonlyMap<string, string>): OpenRepository {
  return async (repo, path) => {
    const remote = remotes.get(repo);
    if (remote === undefined) throw noRemote(repo);
    const mirror = await openMirror(path, remote);
    return { mirror, source: gitSource(repo, remote, mirror) };
  };
}

function noRemote(repo: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `perch.yaml has services in ${repo}, and no git remote is known for it.`,
    hint: `Name it: perch up --remote ${repo}=<URL or path>`,
    fault: "user",
  });
}
