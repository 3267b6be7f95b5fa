import { join } from "node:path";
import { type InstanceFailure, PerchError, type Variant, variantName } from "@perch/core";
import { describeExit, type Exit } from "./command.ts";
import { tailLog } from "./log.ts";

/** Lines of the log that a failure shows. */
const TAIL_LINES = 20;

/** The error of a process that was ready, and ended by itself. */
export function exitedWhileServing(variant: Variant, exit: Exit): PerchError {
  return new PerchError({
    code: "EXITED",
    message: `${variantName(variant)} ended with ${describeExit(exit)} while it served.`,
    hint: "It is started again by itself.",
    fault: variant.pr === undefined ? "user" : "pull-request",
  });
}

const RAN_OUT =
  "All its processes together took more memory than canary.quota.memory: raise that in perch.yaml, or mend what takes so much.";

/** What a failure may come of, beside what the error says. */
interface Circumstances {
  /** Whether the kernel ended a process of it for want of memory. */
  readonly ranOut: boolean;
  /** What of its files is not there, a sentence each. */
  readonly missing: readonly string[];
}

/**
 * A failure as the status shows it, with the end of the log that is in the instance's folder.
 */
export async function describeFailure(
  error: unknown,
  folder: string,
  { ranOut, missing }: Circumstances,
): Promise<InstanceFailure> {
  const logTail = await tailLog(join(folder, "log"), TAIL_LINES).then(
    ({ lines }) => lines,
    () => [],
  );
  const at = Date.now();
  if (error instanceof PerchError) {
    const { code, message, hint, fault } = error;
    return { code, message, hint: [...missing, ranOut ? RAN_OUT : hint].join(" "), fault, at, logTail };
  }
  return { ...describeUnexpected(error), at, logTail };
}

/** What a machine without room or without free descriptors says, by the system's error code (errno(3)). */
const OF_THE_MACHINE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open on this machine",
  EAGAIN: "no more processes can be started",
  ENOMEM: "there is no memory left",
};

function describeUnexpected(error: unknown) {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const reason = OF_THE_MACHINE[code];
  if (reason !== undefined) {
    return {
      code: "MACHINE_EXHAUSTED",
      message: `It could not go on: ${reason} (${code}).`,
      hint: "Make room; it is tried again by itself.",
      fault: "environment",
    } as const;
  }
  return {
    code: "INTERNAL",
    message: `perch itself failed: ${error instanceof Error ? error.message : String(error)}`,
    hint: "Please report it, with the engine's log.",
    fault: "perch",
  } as const;
}
