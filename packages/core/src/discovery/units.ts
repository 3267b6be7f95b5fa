import { folderOf, foldersUpwards } from "./files.ts";
import { serviceNameFrom, shown } from "./names.ts";
import type { Clue, Unit } from "./types.ts";

interface OpenUnit {
  readonly folder: string;
  readonly unit: string | undefined;
  readonly clues: Clue[];
}

/** Clues by the kind of file that they are from. */
export interface Clues {
  /** Package manifests and modules, which say how a service is started. */
  readonly code: readonly Clue[];
  readonly dockerfiles: readonly Clue[];
  readonly compose: readonly Clue[];
  readonly kubernetes: readonly Clue[];
}

export interface Units {
  readonly units: readonly Unit[];
  readonly notes: readonly string[];
}

/** Takes a clue into the units that are known, or says why it is left out. */
type Taker = (units: OpenUnit[], clue: Clue, clues: Clues) => string | undefined;

const TAKERS: readonly (readonly [kind: keyof Clues, take: Taker])[] = [
  ["code", takeCode],
  ["dockerfiles", takeDockerfile],
  ["compose", takeCompose],
  ["kubernetes", takeWorkload],
];

/** Brings together what several files say about one service: by its folder, and where a file knows none, by its names. */
export function gatherUnits(clues: Clues): Units {
  const units: OpenUnit[] = [];
  const notes: string[] = [];
  for (const [kind, take] of TAKERS) {
    for (const clue of clues[kind]) {
      const reason = take(units, clue, clues);
      if (reason !== undefined) notes.push(`${shown(clue.from)}, ${shown(clue.says)}: ${reason}`);
    }
  }
  return { units, notes };
}

const NO_START = "nothing tells how to start it without a container";

function takeCode(units: OpenUnit[], clue: Clue): string | undefined {
  const { folder = ".", unit, unfit } = clue;
  if (unfit !== undefined) return unfit;
  if (unitsIn(units, folder).some((one) => one.unit === unit)) return "its folder has a service already";
  units.push({ folder, unit, clues: [clue] });
  return undefined;
}

function takeDockerfile(units: OpenUnit[], clue: Clue): string | undefined {
  const known = placeOf(units, clue) ?? byName(units, clue);
  if (known !== undefined) {
    known.clues.push(clue);
    return undefined;
  }
  // One at the root, beside services in folders, is nobody's own.
  if (clue.start === undefined || (clue.folder === "." && units.length > 0)) return NO_START;
  units.push({ folder: clue.folder ?? ".", unit: undefined, clues: [clue] });
  return undefined;
}

function takeCompose(units: OpenUnit[], clue: Clue): string | undefined {
  const known = placeOf(units, clue) ?? byName(units, clue);
  const isTaken = known?.clues.some(({ from, env }) => from === clue.from && env !== undefined) ?? false;
  if (known !== undefined && !isTaken) known.clues.push(clue);
  else if (clue.start === undefined) return NO_START;
  else if ((clue.ports ?? []).length === 0) return "it has no port, so nobody can call it";
  else units.push(sibling(clue, known));
  return undefined;
}

function takeWorkload(units: OpenUnit[], clue: Clue, { kubernetes }: Clues): string | undefined {
  const known = byName(units, clue) ?? byPlace(units, clue, kubernetes);
  known?.clues.push(clue);
  return known === undefined ? "no code of it was found here" : undefined;
}

/** Another service of the same folder, which is installed and built like the first. */
function sibling(clue: Clue, known: OpenUnit | undefined): OpenUnit {
  const shared = (known?.clues ?? []).filter(({ env }) => env === undefined);
  const code = shared.map(({ start: _start, ready: _ready, ports: _ports, ...rest }) => ({
    ...rest,
    names: [],
  }));
  return { folder: clue.folder ?? ".", unit: clue.names[0], clues: [clue, ...code] };
}

function unitsIn(units: readonly OpenUnit[], folder: string): OpenUnit[] {
  return units.filter((unit) => unit.folder === folder);
}

/** The service of the clue's folder; of several, the one of that name. */
function placeOf(units: readonly OpenUnit[], clue: Clue): OpenUnit | undefined {
  const [first, ...others] = unitsIn(units, clue.folder ?? ".");
  if (others.length === 0) return first;
  return byName(unitsIn(units, clue.folder ?? "."), clue);
}

function byName(units: readonly OpenUnit[], { names }: Clue): OpenUnit | undefined {
  for (const name of names.map(bare)) {
    const found = units.find(({ clues }) => clues.some((clue) => clue.names.map(bare).includes(name)));
    if (name !== undefined && found !== undefined) return found;
  }
  return undefined;
}

/** Manifests are often below the folder of what they deploy. In a repository of one service, they are its own. */
function byPlace(units: readonly OpenUnit[], clue: Clue, all: readonly Clue[]): OpenUnit | undefined {
  for (const upper of foldersUpwards(folderOf(clue.from)).filter((folder) => folder !== ".")) {
    const [first, ...others] = unitsIn(units, upper);
    if (first !== undefined && others.length === 0) return first;
  }
  const isOnlyOne = units.length === 1 && new Set(all.map(({ says }) => says)).size === 1;
  return isOnlyOne ? units[0] : undefined;
}

/** `shop/store-service` and `store` are one name. */
function bare(name: string): string | undefined {
  return serviceNameFrom(name)?.replace(/-(?:service|svc|server|deployment)$/, "");
}
