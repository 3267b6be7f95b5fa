import type { Instance, ProcessSpec } from "@perch/core";
import type { Logger } from "pino";
import type { Checkout } from "../pull-requests/source.ts";
import type { BuildQueue } from "./build-queue.ts";
import type { Dependencies } from "./dependencies/index.ts";
import type { Places } from "./places.ts";
import type { Quotas } from "./quotas.ts";
import type { Sandbox } from "./sandbox.ts";

/** What an instance needs from around it. */
export interface InstanceParts {
  readonly checkout: Checkout;
  readonly dependencies: Dependencies;
  /** Absolute path of what a pull request's tools cache. */
  readonly cache: string;
  readonly builds: BuildQueue;
  readonly places: Places;
  readonly logger: Logger;
  readonly engineEnv: NodeJS.ProcessEnv;
  /** How its processes are held. */
  readonly sandbox: Sandbox;
  /** What holds it to its quota. */
  readonly quotas: Quotas;
  /** `processSpec` for the port that was just found free. */
  readonly specFor: (port: number) => ProcessSpec;
  /** Of what it is told; written down, for the next engine. */
  readonly fingerprint: string;
  /** Ends the traffic of an address that no route names any more. */
  readonly release: (address: string) => Promise<void>;
  /** After every change of the snapshot. */
  readonly onChange: () => void;
}

/** One revision of one variant, from its worktree to its end. */
export interface RunningInstance {
  snapshot(): Instance;
  /** Starts again what failed, from the stage that failed. */
  restart(): void;
  /** Stops the process of one that is ready; its build stays. */
  sleep(): void;
  /** Starts the process of one that sleeps. */
  wake(): void;
  /** Stops it and removes all that it has on disk; its traffic ends first. */
  remove(): Promise<void>;
  /** Ends and removes what a `remove` that failed has left: processes, then files. */
  clear(): Promise<void>;
}
