import { closest, distance } from "fastest-levenshtein";

const MAX_SHOWN = 60;
const MAX_WORDS = 12;
const PLAIN_KEY = /^[A-Za-z0-9_./-]{1,80}$/;

/** A value of the file for a message, quoted; long text is cut, and what could steer a terminal is escaped. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text).replace(
    /[^ -~…]/g,
    escaped,
  );
}

/** Foreign text, such as a parser's message, on one printable line. */
export function printable(text: string): string {
  return text.slice(0, 4 * MAX_SHOWN).replace(/[^ -~]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What a value of the document is, for "found …". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty map" : "a map";
  return printable(String(value));
}

/** `services.api.paths[1]`; a key that is no plain word is quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else {
      const key = String(segment);
      text += `${text === "" ? "" : "."}${PLAIN_KEY.test(key) ? key : quote(key)}`;
    }
  }
  return text;
}

/** `did you mean "edge"?` when one of the known words is near enough to be what was meant. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > MAX_SHOWN) return undefined;
  const sameLetters = known.find((candidate) => bare(candidate) === bare(word));
  const best = sameLetters ?? closest(word, known);
  const near = sameLetters !== undefined || distance(word, best) <= Math.ceil(best.length / 3);
  return near ? `did you mean ${quote(best)}?` : undefined;
}

/** The words that could be meant, quoted; of many the first. */
export function someOf(words: readonly string[]): string {
  const shown = words.slice(0, MAX_WORDS).map(quote).join(", ");
  return words.length > MAX_WORDS ? `${shown} and ${words.length - MAX_WORDS} more` : shown;
}

/** Without case and separators: `ready_timeout` means `readyTimeout`. */
function bare(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, "");
}
