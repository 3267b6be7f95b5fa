import type { ServiceConfig } from "../config/index.ts";

/** A text file of the repository; its path is relative to the root, with `/`. */
export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}

/** What the repository itself cannot say. */
export interface Surroundings {
  /** Name of the repository's folder. */
  readonly folderName: string;
  /** URL or path of the `origin` remote; `undefined`: there is none. */
  readonly origin: string | undefined;
}

/** What one file says about one service. Everything in it is as the file has it: nothing is checked yet. */
export interface Clue {
  /** Path of the file. */
  readonly from: string;
  /** What it is, for people: `start script`, `compose service web`. */
  readonly says: string;
  /** Folder of the service; `undefined` where the file knows only its name. */
  readonly folder?: string;
  /** Tells services in one folder apart, such as two commands of one Go module. */
  readonly unit?: string;
  /** Names by which others call it, the best first. */
  readonly names: readonly string[];
  /** Why it is no service after all. */
  readonly unfit?: string;
  readonly install?: string;
  readonly build?: string;
  /** Shell command, run in `folder`. */
  readonly start?: string;
  /** Path that tells readiness over HTTP. */
  readonly ready?: string;
  /** Ports that it listens on by itself, when nobody tells it another. */
  readonly ports?: readonly number[];
  /** That it speaks gRPC, where the file can tell. */
  readonly isGrpc?: boolean;
  /** That its dependencies have gRPC: it serves it, or calls it. */
  readonly mayBeGrpc?: boolean;
  readonly env?: ReadonlyMap<string, string>;
  /** Names of services that it needs. */
  readonly needs?: readonly string[];
  /** Path prefixes that lead to it from outside. */
  readonly prefixes?: readonly string[];
  /** That people reach it from outside. */
  readonly isPublished?: boolean;
  readonly usesDynamodb?: boolean;
  /** More folders and files that it is built from. */
  readonly paths?: readonly string[];
}

/** All clues about one service. */
export interface Unit {
  readonly folder: string;
  readonly unit: string | undefined;
  readonly clues: readonly Clue[];
}

/** One gRPC service of a .proto file. */
export interface ProtoService {
  /** With package: `store.v1.StoreService`. */
  readonly name: string;
  readonly from: string;
}

/** A service, complete and checked: what is written to perch.yaml. */
export interface FoundService
  extends Pick<ServiceConfig, "name" | "path" | "paths" | "protocol" | "edge" | "grpcServices" | "calls"> {
  readonly usesDynamodb: boolean;
  readonly install: string | undefined;
  readonly build: string | undefined;
  readonly start: string;
  /** `undefined`: no file tells it. */
  readonly ready: string | undefined;
  readonly env: ReadonlyMap<string, string>;
  /** What was read where: `services/api/package.json` → `start script`. */
  readonly evidence: readonly Evidence[];
  /** What is a guess, and must be looked at. */
  readonly doubts: readonly string[];
}

export interface Evidence {
  readonly from: string;
  readonly says: string;
}

/** What perch found in a repository. */
export interface Discovery {
  readonly project: string;
  /** `owner/name`. */
  readonly repo: string;
  /** Whether `repo` is from the remote; else it is made up. */
  readonly isRepoKnown: boolean;
  readonly services: readonly FoundService[];
  /** What was seen and left out, and why. One line each. */
  readonly notes: readonly string[];
}
