import { type DiskSpace, diskProblem } from "../status/disk.ts";
import type {
  Check,
  ConfigFact,
  FrontFact,
  MachineFacts,
  PortFact,
  ProgramFact,
  RemoteFact,
  ServiceFact,
  StateDirFact,
} from "./types.ts";

/** The oldest Node that runs perch. */
const NODE = [24, 0] as const;
/** The oldest git that has what perch asks of it: `fetch --no-write-fetch-head`. */
const GIT = [2, 29] as const;

/** What is there and what is missing, in the order in which to mend it. */
export function diagnose(facts: MachineFacts): Check[] {
  return [
    version("node", facts.node, NODE, "Install Node 24 or newer."),
    version("git", facts.git, GIT, "Install git 2.29 or newer."),
    config(facts.config),
    ...facts.services.flatMap(service),
    ...source(facts),
    ...facts.remotes.map(remote),
    ...facts.ports.map(port),
    ...front(facts.front),
    ...(facts.stateDir === undefined ? [] : [stateDir(facts.stateDir)]),
    ...(facts.disk === undefined ? [] : [diskSpace(facts.stateDir?.path ?? ".", facts.disk)]),
    isolation(facts),
  ];
}

/** Whether `perch up` has all that it needs. */
export function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ outcome }) => outcome !== "missing");
}

function version(
  name: string,
  found: string | undefined,
  [major, minor]: readonly [number, number],
  hint: string,
): Check {
  if (found === undefined) return { name, outcome: "missing", detail: "it is not on PATH", hint };
  const [, ownMajor = "0", ownMinor = "0"] = /(\d+)\.(\d+)/.exec(found) ?? [];
  const isNew = Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor);
  if (isNew) return { name, outcome: "ok", detail: found };
  return { name, outcome: "missing", detail: `${found}; expected ${major}.${minor} or newer`, hint };
}

function config(fact: ConfigFact): Check {
  const name = "perch.yaml";
  if (fact.kind === "none") {
    const hint = "`perch init` writes one from what is in the repository.";
    return { name, outcome: "missing", detail: fact.message, hint };
  }
  if (fact.kind === "valid") {
    return { name, outcome: "ok", detail: `${fact.file}, ${count(fact.services, "service")}` };
  }
  const detail = [`${fact.file} has ${count(fact.problems.length, "problem")}:`, ...fact.problems].join("\n");
  return { name, outcome: "missing", detail, hint: "docs/config.md describes every key." };
}

function service({ name, path, hasFolder, isLocal, programs }: ServiceFact): Check[] {
  if (!isLocal) {
    const detail = "it has no local block, so the local engine leaves it out";
    return [{ name, outcome: "note", detail }];
  }
  if (hasFolder === false) {
    const hint = `Correct services.${name}.path in perch.yaml, relative to the root of its repository.`;
    return [{ name, outcome: "missing", detail: `its folder ${path} is not there`, hint }];
  }
  const place = hasFolder === undefined ? "in another repository, which is not looked at" : `in ${path}`;
  const missing = programs.filter(({ isFound }) => !isFound);
  if (missing.length === 0)
    return [{ name, outcome: "ok", detail: [place, ...programs.map(used)].join("; ") }];
  return missing.map((program) => missingProgram(name, program));
}

const used = ({ name, uses }: ProgramFact) => `${uses.join(" and ")} by ${name}`;

function missingProgram(service: string, { name, uses, mayBeInstalled }: ProgramFact): Check {
  const detail = `its ${uses.join(" and ")} begins with ${name}, which is not on PATH`;
  if (mayBeInstalled)
    return { name: service, outcome: "note", detail: `${detail}; its install may bring it` };
  const hint = `Install ${name}, or correct services.${service}.local in perch.yaml.`;
  return { name: service, outcome: "missing", detail, hint };
}

function source({ source: fact }: MachineFacts): Check[] {
  const name = "source";
  if (fact.kind === "unknown") return [];
  if (fact.kind === "wrong") return [{ name, outcome: "missing", detail: fact.message, hint: fact.hint }];
  if (fact.kind === "github") {
    return [{ name, outcome: "ok", detail: "labelled pull requests from GitHub's API" }];
  }
  const detail =
    "every pull request's ref of the git remote; with GITHUB_TOKEN, those that are labelled on GitHub";
  return [{ name, outcome: "ok", detail }];
}

function remote({ repo, remote: url, problem, hint }: RemoteFact): Check {
  const name = `remote of ${repo}`;
  if (url === undefined) {
    const add = `Add it: git remote add origin <URL>, or perch up --remote ${repo}=<URL or path>.`;
    return { name, outcome: "missing", detail: "no remote is known", hint: add };
  }
  if (problem === undefined) return { name, outcome: "ok", detail: `${url} answers` };
  if (hint !== undefined) return { name, outcome: "missing", detail: problem, hint };
  return {
    name,
    outcome: "missing",
    detail: `${url} does not answer: ${problem}`,
    hint: `Try: git ls-remote ${url}`,
  };
}

function port({ use, flag, port: number, state }: PortFact): Check {
  const name = `port ${number}`;
  if (state.kind === "free") return { name, outcome: "ok", detail: `free, for the ${use}` };
  if (state.kind === "this-engine")
    return { name, outcome: "ok", detail: `held by this project's engine, for its ${use}` };
  if (state.kind === "forbidden") {
    const detail = `for the ${use}; this user may not open it in a shell`;
    const hint = `The service of \`perch up --systemd\` may. Elsewhere name a port of 1024 or above with ${flag}.`;
    return { name, outcome: "note", detail, hint };
  }
  const hint = `Name another with ${flag}, or end what has it.`;
  const who = state.kind === "other-engine" ? `the perch engine of ${state.stateDir} has it` : state.reason;
  return { name, outcome: "missing", detail: `wanted for the ${use}, and ${who}`, hint };
}

function front(fact: FrontFact): Check[] {
  const name = "edge";
  if (fact.kind === "plain" || fact.kind === "unknown") return [];
  if (fact.kind === "ok") return [{ name, outcome: "ok", detail: fact.detail }];
  return [{ name, outcome: "missing", detail: fact.message, hint: fact.hint }];
}

function stateDir({ path, problem, enginePid }: StateDirFact): Check {
  const name = "state folder";
  if (problem !== undefined) {
    const hint = "Mend its permissions, or name another with --state-dir.";
    return { name, outcome: "missing", detail: `${path} cannot be written: ${problem}`, hint };
  }
  if (enginePid === undefined) return { name, outcome: "ok", detail: `${path} can be written` };
  const detail = `${path} is held by an engine, process ${enginePid}; a second one would refuse`;
  return { name, outcome: "note", detail, hint: "`perch status` shows it, `perch down` ends it." };
}

function diskSpace(path: string, space: DiskSpace): Check {
  const name = "disk";
  const problem = diskProblem(path, space);
  if (problem !== undefined) return { name, outcome: "missing", detail: problem.message, hint: problem.hint };
  return { name, outcome: "ok", detail: `${Math.floor(space.free / 2 ** 30)} GiB are free` };
}

function isolation({ isRoot, holdsWrites, holdsProcesses }: MachineFacts): Check {
  const name = "isolation";
  const detail = [
    holdsWrites
      ? "pull requests' processes can write to nothing but their own folder, no device either"
      : "pull requests' processes can write whatever this user can",
    holdsProcesses
      ? "they see and signal no processes but their own"
      : "they can signal every process of this user, stable's and the engine's too",
    ...(isRoot ? ["this user is root, whom services with a socket on this machine obey"] : []),
  ].join("; ");
  if (holdsWrites && holdsProcesses && !isRoot) return { name, outcome: "ok", detail };
  const hint = isRoot
    ? "Run perch as a user of its own; docs/isolation.md says what holds."
    : "docs/isolation.md says what this system lacks.";
  return { name, outcome: "note", detail, hint };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
