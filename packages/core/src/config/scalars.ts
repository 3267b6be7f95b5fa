import * as z from "zod";

/** Grammar of DESIGN section 3; at most 40 characters, so that `<service>-canary-pr-<10 digits>` fits in 63. */
export const SERVICE_NAME_PATTERN = "^(?!.*-canary-pr-)[a-z]([-a-z0-9]{0,38}[a-z0-9])?$";

/** POSIX; `__proto__` is no name, since JavaScript gives it a meaning of its own. */
export const ENV_NAME_PATTERN = "^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$";

const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/;
const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DAY = 86_400_000;

/** Milliseconds of `500ms`, `30s`, `15m`, `2h`, `7d`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits = "", unit = ""] = DURATION.exec(text) ?? [];
  const factor = MILLISECONDS[unit];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** A duration from 1 ms to `max` milliseconds; `shown` is that limit for people. */
export function duration(example: string, max = 365 * DAY, shown = "365d") {
  const error = `expected a duration such as ${example} (ms, s, m, h or d; at most ${shown})`;
  return z
    .string({ error })
    .regex(DURATION, { error, abort: true })
    .refine((text) => inRange(parseDuration(text), 1, max), { error });
}

const QUANTITY = /^([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number that a Kubernetes quantity stands for: cores, or bytes; `undefined` when it is none. */
export function parseQuantity(text: string): number | undefined {
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, digits = "", suffix = ""] = match;
  return Number(digits) * (FACTORS[suffix] ?? Number.NaN);
}

/** A Kubernetes quantity of at least `min`. A bare number needs no quotes, as in Kubernetes itself. */
export function quantity(error: string, min: number) {
  return z
    .union([z.string(), z.number()], { error })
    .refine((value) => inRange(parseQuantity(String(value)), min, Number.MAX_VALUE), { error });
}

/** A string of one grammar. */
export function text(error: string, pattern: RegExp) {
  return z.string({ error }).regex(pattern, { error });
}

export function integer(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error, abort: true }).min(min, { error }).max(max, { error });
}

/** A command, or a variable's value: anything that a process can be given. */
export function processText(error: string, minLength: 0 | 1) {
  return z
    .string({ error })
    .min(minLength, { error, abort: true })
    .refine((value) => !value.includes("\0") && (minLength === 0 || value.trim() !== ""), { error });
}

/** A folder or file of a repository, relative to its root. Never absolute, never out of it. */
export function repositoryPath(what: string) {
  const error = `expected ${what} of the repository, relative to its root, with "/" and without ".." or patterns`;
  return z.string({ error }).refine(isRepositoryPath, { error });
}

/** Whether a text can be such a path. */
export function isRepositoryPath(path: string): boolean {
  if (path.length > 1024 || /[\\*?\p{Cc}]/u.test(path)) return false;
  const segments = normalPath(path).split("/");
  return normalPath(path) === "." || segments.every((segment) => !["", ".", ".."].includes(segment));
}

/** One spelling for a path: no `./` before it, no `/` after it; the root is `.`. */
export function normalPath(path: string): string {
  const bare = path.replace(/^\.\//, "").replace(/\/$/, "");
  return bare === "" && path.startsWith("./") ? "." : bare;
}

/** A list without repetitions; rules.ts finds those, so that all are found at once. */
export function list<T extends z.ZodType>(item: T, expected: string, minLength: 0 | 1) {
  const error = `expected a list of ${expected}`;
  return z.array(item, { error }).min(minLength, { error }).meta({ uniqueItems: true });
}

/** A map from names of one grammar. */
export function map<T extends z.ZodType>(value: T, key: { pattern: string }, error: string) {
  // The pattern is for editors. rules.ts checks names: zod would skip the value of a key that it refuses.
  return z.record(z.string().meta(key), value, { error });
}

function inRange(value: number | undefined, min: number, max: number): boolean {
  return value !== undefined && value >= min && value <= max;
}
