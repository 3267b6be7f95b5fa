import { PerchError } from "@perch/core";

/** `undefined` for a text that is no whole number. */
export function wholeNumber(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** @param known the services that there are. */
export function unknownService(known: readonly string[]): PerchError {
  return new PerchError({
    code: "UNKNOWN_SERVICE",
    message: "There are no measurements of it: perch.yaml has no service of that name.",
    hint: `Its services: ${known.join(", ")}.`,
    fault: "user",
  });
}
