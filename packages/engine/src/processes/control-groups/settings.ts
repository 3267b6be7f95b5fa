import type { Quota } from "../quotas.ts";
import type { Controller, Hierarchy } from "./place.ts";

/** A file of a control group, and what is written into it. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  /** Kernels without it hold the rest all the same. */
  readonly optional?: true;
}

/** Microseconds in which the CPU time is counted. */
const PERIOD = 100_000;

/** Swap counts as memory: a canary over its limit would else slow the whole machine. */
const V1: Record<Controller, (quota: Quota) => Setting[]> = {
  memory: ({ memory }) => [
    { file: "memory.limit_in_bytes", value: String(memory) },
    { file: "memory.memsw.limit_in_bytes", value: String(memory), optional: true },
  ],
  cpu: ({ cpu }) => [
    { file: "cpu.cfs_period_us", value: String(PERIOD) },
    { file: "cpu.cfs_quota_us", value: String(Math.ceil(cpu * PERIOD)) },
  ],
  pids: ({ processes }) => [{ file: "pids.max", value: String(processes) }],
};

const V2: typeof V1 = {
  memory: ({ memory }) => [
    { file: "memory.max", value: String(memory) },
    { file: "memory.swap.max", value: "0", optional: true },
  ],
  cpu: ({ cpu }) => [{ file: "cpu.max", value: `${Math.ceil(cpu * PERIOD)} ${PERIOD}` }],
  pids: V1.pids,
};

/** What to write into a new group of a hierarchy. */
export function settings({ version, controllers }: Hierarchy, quota: Quota): Setting[] {
  const of = version === 1 ? V1 : V2;
  return controllers.flatMap((controller) => of[controller](quota));
}

/** The file that counts how often the kernel ended a process for want of memory. */
export function killCountFile({ version }: Hierarchy): string {
  return version === 1 ? "memory.oom_control" : "memory.events";
}

/** The count in such a file's text. */
export function killCount(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
