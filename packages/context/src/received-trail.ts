import { parseTrail, type Trail } from "@perch/header";
import { remembering } from "./memory.ts";

const meaningOf = remembering(parseTrail);

/** `parseTrail` of lines that a service sent. Equal text gives the same object, which nobody may change. */
export function receivedTrail(lines: string | readonly string[] | undefined): Trail | undefined {
  const text = typeof lines === "string" ? lines : lines?.length === 1 ? lines[0] : undefined;
  return text === undefined ? parseTrail(lines) : meaningOf(text);
}
