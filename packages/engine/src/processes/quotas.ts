import type { Logger } from "pino";
import type { ProcessIdentity } from "../state/process-identity.ts";
import { openControlGroups } from "./control-groups/index.ts";
import { watchMemory } from "./memory-watch.ts";

/** What one canary may take, with all its processes together. */
export interface Quota {
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
  readonly processes: number;
}

/** What holds canaries to their quota. */
export interface Quotas {
  /** What of it is held, and how: for the log. */
  readonly kind: "control groups" | "memory, by looking" | "nothing";
  /**
   * The files that a process of an instance writes its number into to be held; often none.
   * @param leader tells which process all others of it come from just then.
   */
  of(id: string, leader: () => ProcessIdentity | undefined): Promise<readonly string[]>;
  /** Whether a process of it was ended for want of memory since this was asked last. */
  ranOutOfMemory(id: string): Promise<boolean>;
  /** When its last process has ended. */
  remove(id: string): Promise<void>;
  /** After the last one is removed. */
  close(): Promise<void>;
}

/** For what is trusted, and where nothing can be held. */
export const NO_QUOTAS: Quotas = {
  kind: "nothing",
  of: async () => [],
  ranOutOfMemory: async () => false,
  remove: async () => undefined,
  close: async () => undefined,
};

export interface QuotasOptions {
  /** The state folder. */
  readonly root: string;
  readonly quota: Quota;
  readonly logger: Logger;
  /** Ids of instances that go on from an earlier engine. */
  readonly keep: ReadonlySet<string>;
}

/** The strongest that this machine has. */
export async function openQuotas(options: QuotasOptions): Promise<Quotas> {
  const groups = await openControlGroups(options);
  if (groups !== undefined) return groups;
  return process.platform === "linux" ? watchMemory(options) : NO_QUOTAS;
}
