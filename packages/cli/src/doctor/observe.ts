import { readFile, statfs } from "node:fs/promises";
import {
  type Config,
  type ConfigFact,
  type DiskSpace,
  formatProblem,
  type MachineFacts,
  PerchError,
  parseConfig,
  type RemoteFact,
  type SourceFact,
} from "@perch/core";
import { checkGithub, findSandbox } from "@perch/engine";
import { readEngineRecord } from "@perch/engine/state";
import type { DoctorFlags } from "../commands/doctor.ts";
import { stateDirPath } from "../options.ts";
import { findProject, type Project } from "../project.ts";
import { sourceOptions } from "../source.ts";
import { frontFact } from "./front.ts";
import { gitVersion, remoteFact, withoutCredentials } from "./git.ts";
import { portFacts } from "./ports.ts";
import { serviceFacts } from "./services.ts";
import { nearestExisting, placeToTry, whyNotWritable } from "./state-folder.ts";

/** Looks at this machine and this project, as `perch up` with these flags would find them. Changes nothing. */
export async function observe(flags: DoctorFlags): Promise<MachineFacts> {
  const { project, config, fact } = await readProject(flags.config);
  const folder = project?.folder ?? process.cwd();
  const stateDir = stateDirPath(flags.stateDir, folder);
  const [engine, { source, remotes }] = await Promise.all([
    readEngineRecord(stateDir),
    readSource(config, flags, folder),
  ]);
  const { holdsWrites, holdsProcesses } = await findSandbox(await placeToTry(stateDir));
  return {
    node: process.versions.node,
    git: await gitVersion(),
    config: fact,
    services: config === undefined ? [] : await serviceFacts(config, folder),
    source,
    remotes,
    ports: await portFacts(flags, engine),
    front: await frontFact(config, flags),
    stateDir:
      project === undefined && flags.stateDir === undefined
        ? undefined
        : { path: stateDir, problem: await whyNotWritable(stateDir), enginePid: engine?.pid },
    disk: await diskOf(stateDir),
    isRoot: process.getuid?.() === 0,
    holdsWrites,
    holdsProcesses,
  };
}

interface FoundProject {
  readonly project: Project | undefined;
  readonly config: Config | undefined;
  readonly fact: ConfigFact;
}

async function readProject(flag: string | undefined): Promise<FoundProject> {
  const found = await findProject(flag).catch((error: unknown) => {
    if (error instanceof PerchError) return error;
    throw error;
  });
  if (found instanceof PerchError) {
    return { project: undefined, config: undefined, fact: { kind: "none", message: found.message } };
  }
  const { file } = found;
  const result = parseConfig(await readFile(file, "utf8"), file);
  if (!result.ok) {
    const problems = result.problems.map(formatProblem);
    return { project: found, config: undefined, fact: { kind: "invalid", file, problems } };
  }
  const { config } = result;
  return { project: found, config, fact: { kind: "valid", file, services: config.services.size } };
}

/** Where `perch up` would read pull requests, by what decides it there. */
async function readSource(
  config: Config | undefined,
  flags: DoctorFlags,
  folder: string,
): Promise<Pick<MachineFacts, "source" | "remotes">> {
  if (config === undefined) return { source: { kind: "unknown" }, remotes: [] };
  const found = await sourceOptions(config, flags, process.env, folder).catch((error: unknown) => {
    if (error instanceof PerchError) return error;
    throw error;
  });
  if (found instanceof PerchError) {
    const source: SourceFact = { kind: "wrong", message: found.message, hint: found.hint };
    return { source, remotes: [] };
  }
  const { github, remotes } = found;
  const repos = [...new Set([...config.services.values()].map(({ repo }) => repo))];
  if (github === undefined) {
    const ask = (repo: string) => remoteFact(repo, remotes.get(repo), folder);
    return { source: { kind: "git" }, remotes: await Promise.all(repos.map(ask)) };
  }
  const sources = { ...github, host: config.cluster.github, remotes };
  const ask = async (repo: string): Promise<RemoteFact> => {
    const { remote, problem } = await checkGithub(sources, repo);
    const shown = { repo, remote: withoutCredentials(remote) };
    if (problem === undefined) return { ...shown, problem: undefined };
    return { ...shown, problem: withoutCredentials(problem.message), hint: withoutCredentials(problem.hint) };
  };
  return { source: { kind: "github" }, remotes: await Promise.all(repos.map(ask)) };
}

async function diskOf(stateDir: string): Promise<DiskSpace | undefined> {
  const found = await statfs(await nearestExisting(stateDir)).catch(() => undefined);
  if (found === undefined) return undefined;
  const { bsize, blocks, bavail, files, ffree } = found;
  return { free: bsize * bavail, total: bsize * blocks, files, filesFree: ffree };
}
