import { parseSelector } from "@perch/header";
import type { CanaryContext } from "./storage.ts";

/**
 * The selector to send with a call: the context's, or none where the context's is invalid. Outside of any request
 * that has one, the lines that the caller itself has set stay if they are valid.
 */
export function valueToSend(context: CanaryContext | undefined, own: readonly string[]): string | undefined {
  if (context !== undefined && context.selector.kind !== "absent") return context.value;
  return parseSelector(own).kind === "valid" ? own[0]?.trim() : undefined;
}
