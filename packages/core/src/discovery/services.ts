import { isRepositoryPath } from "../config/scalars.ts";
import { addressesInCode, hasFixedPort } from "./code.ts";
import { type FileSet, isEntryFile } from "./files.ts";
import { freeName, serviceNameFrom, shown } from "./names.ts";
import { type GrpcApis, isGrpc } from "./protocol.ts";
import { exporting } from "./shell.ts";
import type { Clue, FoundService, RepositoryFile, Unit } from "./types.ts";
import { type Caller, decideVariables, type Neighbours } from "./variables.ts";

const READY_PATHS = ["/readyz", "/healthz", "/health", "/ready", "/livez", "/status", "/ping"];
const READY = /^\/[!-"$-~]*$/;
/** A service must have a command; this one says what is missing when it is run. */
const NO_START = "echo 'perch.yaml: say here how to start it' >&2; exit 1";

export interface Named {
  readonly unit: Unit;
  readonly name: string;
}

/** Names for all: what others call it by, made fit and unique. */
export function nameUnits(units: readonly Unit[], project: string): Named[] {
  const taken = new Set<string>();
  return units.map((unit) => {
    const wanted =
      callNames(unit)
        .map(serviceNameFrom)
        .find((name) => name !== undefined) ?? project;
    const name = freeName(wanted, taken);
    taken.add(name);
    return { unit, name };
  });
}

/** Names of a cluster first, then those of compose: they are the ones in other services' addresses. */
function callNames({ clues }: Unit): string[] {
  const rank = ({ folder, env }: Clue) => (folder === undefined ? 0 : env !== undefined ? 1 : 2);
  return clues.toSorted((a, b) => rank(a) - rank(b)).flatMap(({ names }) => names);
}

/** The services by all names that files use for them; a name that two have is nobody's. */
export function neighboursOf(named: readonly Named[], images: ReadonlyMap<string, string>): Neighbours {
  const services = new Map<string, string>();
  for (const { unit, name } of named) {
    for (const alias of new Set([name, ...callNames(unit)])) {
      if (!services.has(alias)) services.set(alias, name);
    }
  }
  return { services, images };
}

/** One service, from all that was seen of it. */
export function serviceOf(
  named: Named,
  neighbours: Neighbours,
  apis: GrpcApis,
  files: FileSet,
): FoundService {
  const { unit, name } = named;
  const { clues, folder } = unit;
  const sources = entryFiles(unit, files);
  const caller = callerOf(named, neighbours, sources);
  const { calls, exports, env, doubts } = decideVariables(caller, neighbours);
  const api = apiOf(named, apis);
  const start = firstOf(clues, "start");
  const command = exporting(exports, start ?? NO_START);
  return {
    name,
    path: folder,
    paths: pathsOf(unit, api.protos),
    protocol: api.protocol,
    edge: undefined,
    grpcServices: api.grpcServices,
    calls,
    usesDynamodb: caller.usesDynamodb,
    install: firstOf(clues, "install"),
    build: firstOf(clues, "build"),
    start: command,
    ready: api.protocol === "grpc" ? "grpc" : readyPath(unit, sources),
    env,
    evidence: clues.map(({ from, says }) => ({ from: shown(from), says: shown(says) })),
    doubts: [...doubts, ...startDoubts(start, command, sources), ...api.doubts],
  };
}

function callerOf({ unit, name }: Named, neighbours: Neighbours, sources: readonly RepositoryFile[]): Caller {
  const { clues } = unit;
  return {
    name,
    env: new Map([
      ...addressesInCode(sources, neighbours.services.keys()),
      ...clues.flatMap(({ env }) => [...(env ?? [])]),
    ]),
    needs: clues.flatMap(({ needs }) => needs ?? []),
    ports: clues.flatMap(({ ports }) => ports ?? []),
    usesDynamodb: clues.some(({ usesDynamodb }) => usesDynamodb === true),
  };
}

interface Api extends Pick<FoundService, "protocol" | "grpcServices" | "doubts"> {
  /** Files that its gRPC services are in. */
  readonly protos: readonly string[];
}

function apiOf({ unit, name }: Named, { served }: GrpcApis): Api {
  const own = served.get(unit) ?? [];
  if (own.length > 0) {
    const grpcServices = own.map((proto) => proto.name);
    return { protocol: "grpc", grpcServices, protos: own.map(({ from }) => from), doubts: [] };
  }
  if (!isGrpc(unit)) return { protocol: "http", grpcServices: [], protos: [], doubts: [] };
  const doubts = ["No .proto file of it was found: grpcServices is a guess."];
  return { protocol: "grpc", grpcServices: [guessedApi(name)], protos: [], doubts };
}

function startDoubts(
  start: string | undefined,
  command: string,
  sources: readonly RepositoryFile[],
): string[] {
  if (start === undefined) return ["No file tells how to start it."];
  if (command.includes("$PORT") || !hasFixedPort(sources)) return [];
  return ["Its code has a port of its own, and nothing that was read asks for PORT: it must listen there."];
}

function firstOf(clues: readonly Clue[], key: "install" | "build" | "start"): string | undefined {
  const command = clues.map((clue) => clue[key]).find((one) => one !== undefined && one.trim() !== "");
  return command?.includes("\0") === true ? undefined : command;
}

function guessedApi(name: string): string {
  const word = name.replace(/-/g, "_");
  return `${word}.v1.${word.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Service`;
}

function pathsOf({ folder, clues }: Unit, protos: readonly string[]): string[] {
  const more = [...clues.flatMap(({ paths }) => paths ?? []), ...protos];
  const outside = more.filter((path) => folder !== "." && !path.startsWith(`${folder}/`));
  return [...new Set([folder, ...outside])].filter(isRepositoryPath);
}

/** What a probe asks for; else what its own code answers. */
function readyPath(unit: Unit, sources: readonly RepositoryFile[]): string | undefined {
  const told = unit.clues
    .toReversed()
    .map(({ ready }) => ready)
    .find((ready) => ready !== undefined);
  if (told !== undefined && READY.test(told)) return told;
  return READY_PATHS.find((path) => sources.some(({ text }) => new RegExp(`["'\`]${path}["'\`]`).test(text)));
}

/** What is read of its code: the files that programs are started by. */
function entryFiles({ folder }: Unit, files: FileSet): RepositoryFile[] {
  return files.below(folder).filter(({ path }) => isEntryFile(path) || path.endsWith(".go"));
}
