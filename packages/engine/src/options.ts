import type { Config } from "@perch/core";
import type { Logger } from "pino";

/** Everything that `startEngine` must be told. The command's flags and their defaults are the cli's. */
export interface EngineOptions {
  readonly config: Config;
  readonly version: string;
  /** Absolute path of the state folder. */
  readonly stateDir: string;
  /** Absolute path of the checkout that `perch.yaml` is in. */
  readonly checkout: string;
  /** Git remote by repository; every repository of the config needs one. */
  readonly remotes: ReadonlyMap<string, string>;
  /** What stable runs: the default branch's remote head, or the checkout's own files. */
  readonly stable: "remote" | "checkout";
  /** Addresses of the edge and of the status API. */
  readonly hosts: readonly string[];
  /** 0: any free port. */
  readonly edgePort: number;
  /** 0: any free port. */
  readonly statusPort: number;
  /** Milliseconds between two looks at a source. */
  readonly interval: number;
  /** Milliseconds that the traffic of a replaced or closed instance may take to end. */
  readonly drainTimeout: number;
  /** Milliseconds that a request for a canary that sleeps waits at most. */
  readonly wakeTimeout: number;
  /** Path that example requests ask for; only shown. */
  readonly tryPath: string;
  readonly logger: Logger;
  readonly env: NodeJS.ProcessEnv;
}
