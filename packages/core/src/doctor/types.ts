import type { DiskSpace } from "../status/disk.ts";

/** What was seen on a machine and in a project. Nothing in it is a secret. */
export interface MachineFacts {
  /** Version, `24.21.0`. */
  readonly node: string;
  /** Version; `undefined`: it is not there. */
  readonly git: string | undefined;
  readonly config: ConfigFact;
  readonly services: readonly ServiceFact[];
  readonly source: SourceFact;
  readonly remotes: readonly RemoteFact[];
  readonly ports: readonly PortFact[];
  readonly front: FrontFact;
  /** `undefined`: without perch.yaml it is not known where it would be. */
  readonly stateDir: StateDirFact | undefined;
  /** `undefined`: the system does not tell. */
  readonly disk: DiskSpace | undefined;
  readonly isRoot: boolean;
  /** Whether this system holds pull requests' processes to writing in their own folder. */
  readonly holdsWrites: boolean;
  /** Whether it keeps other processes out of their sight and reach. */
  readonly holdsProcesses: boolean;
}

export type ConfigFact =
  | { readonly kind: "valid"; readonly file: string; readonly services: number }
  | { readonly kind: "none"; readonly message: string }
  /** A line for each problem. */
  | { readonly kind: "invalid"; readonly file: string; readonly problems: readonly string[] };

export interface ServiceFact {
  readonly name: string;
  readonly path: string;
  /** `undefined`: it is in another repository, which is not here. */
  readonly hasFolder: boolean | undefined;
  /** It has a `local` block. */
  readonly isLocal: boolean;
  readonly programs: readonly ProgramFact[];
}

export interface ProgramFact {
  readonly name: string;
  /** Which commands begin with it. */
  readonly uses: readonly string[];
  readonly isFound: boolean;
  /** Whether an install may bring it, as npm brings programs of packages. */
  readonly mayBeInstalled: boolean;
}

export type SourceFact =
  | { readonly kind: "git" }
  | { readonly kind: "github" }
  | { readonly kind: "wrong"; readonly message: string; readonly hint: string }
  /** Without a valid perch.yaml it cannot be told. */
  | { readonly kind: "unknown" };

export interface RemoteFact {
  readonly repo: string;
  /** Without credentials; `undefined`: none is known. */
  readonly remote: string | undefined;
  /** Why it cannot be read; `undefined`: it can. */
  readonly problem: string | undefined;
  /** What to do about that, where more is known than that it does not answer. */
  readonly hint?: string;
}

/** How the edge would face people. */
export type FrontFact =
  /** Plain HTTP and no proxy: nothing to look at. */
  | { readonly kind: "plain" }
  | { readonly kind: "ok"; readonly detail: string }
  | { readonly kind: "wrong"; readonly message: string; readonly hint: string }
  /** Without a valid perch.yaml it cannot be told. */
  | { readonly kind: "unknown" };

export interface PortFact {
  /** What listens there: `edge`. */
  readonly use: string;
  /** Flag that names another: `--edge-port`. */
  readonly flag: string;
  readonly port: number;
  readonly state:
    | { readonly kind: "free" }
    | { readonly kind: "this-engine" }
    | { readonly kind: "other-engine"; readonly stateDir: string }
    /** A port below 1024 that this user may not open. */
    | { readonly kind: "forbidden" }
    /** `reason`: what the system says. */
    | { readonly kind: "taken"; readonly reason: string };
}

export interface StateDirFact {
  readonly path: string;
  /** Why it cannot be written. */
  readonly problem: string | undefined;
  /** Process that holds it. */
  readonly enginePid: number | undefined;
}

/** One line of `perch doctor`. */
export interface Check {
  readonly name: string;
  /** `missing`: perch cannot work, or this service cannot. `note`: nothing to mend, but good to know. */
  readonly outcome: "ok" | "missing" | "note";
  readonly detail: string;
  /** What to do. */
  readonly hint?: string;
}
