import { folderOf } from "./files.ts";
import { serviceNameFrom } from "./names.ts";
import type { ProtoService, Unit } from "./types.ts";

export interface GrpcApis {
  /** gRPC services by the unit that serves them. */
  readonly served: ReadonlyMap<Unit, readonly ProtoService[]>;
  readonly unowned: readonly ProtoService[];
}

export const isGrpc = (unit: Unit) => unit.clues.some((clue) => clue.isGrpc === true);
const mayBeGrpc = (unit: Unit) => isGrpc(unit) || unit.clues.some((clue) => clue.mayBeGrpc === true);

/** Who serves which gRPC service: one of its name, one that says that it serves gRPC, or one that has the file in its folder. */
export function grpcApis(units: readonly Unit[], protos: readonly ProtoService[]): GrpcApis {
  const served = new Map<Unit, ProtoService[]>();
  const unowned: ProtoService[] = [];
  for (const proto of protos) {
    const owner = ownerOf(units.filter(mayBeGrpc), proto);
    if (owner === undefined) unowned.push(proto);
    else served.set(owner, [...(served.get(owner) ?? []), proto]);
  }
  return { served, unowned };
}

function ownerOf(units: readonly Unit[], proto: ProtoService): Unit | undefined {
  const words = wordsOf(proto);
  const named = units.find((unit) => unitNames(unit).some((name) => words.has(name)));
  if (named !== undefined) return named;
  const near = units.filter(({ folder }) => folder !== "." && proto.from.startsWith(`${folder}/`));
  const serving = units.filter(isGrpc);
  return near.find(isGrpc) ?? only(serving) ?? only(near) ?? only(units);
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** `store.v1.ItemStoreService` → store, item-store, and the whole of it. */
function wordsOf({ name, from }: ProtoService): Set<string> {
  const segments = name.split(".");
  const service = (segments.at(-1) ?? "").replace(/(?:Service|API|Api)$/, "");
  const kebab = service.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
  const packages = segments.slice(0, -1).filter((segment) => !/^v\d/.test(segment));
  return new Set([kebab, ...packages.map((one) => one.toLowerCase().replaceAll("_", "-")), folderOf(from)]);
}

function unitNames({ clues }: Unit): string[] {
  return clues
    .flatMap(({ names }) => names)
    .flatMap((name) => serviceNameFrom(name) ?? [])
    .flatMap((name) => [name, name.replace(/-(?:service|svc|server)$/, "")]);
}
