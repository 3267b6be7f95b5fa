import { parseSelector } from "@perch/header";
import { isWarning, type Verdict, verdictText } from "../served/verdict.ts";

/** What the icon of a tab shows. */
export interface Badge {
  /** At most four characters are seen. */
  readonly text: string;
  readonly colour: string;
  readonly title: string;
}

const COLOURS = { calm: "#0b57c2", warning: "#b3161b" } as const;

/** @param selector what the tab's requests carry; empty: nothing. */
export function badgeOf(selector: string, verdict: Verdict): Badge {
  if (selector === "") return { text: "", colour: COLOURS.calm, title: "perch: off for this tab" };
  const warns = isWarning(verdict);
  const short = shortOf(selector);
  return {
    text: warns ? `${short.slice(0, 3)}!` : short.slice(0, 4),
    colour: warns ? COLOURS.warning : COLOURS.calm,
    title: `perch: X-Canary ${selector}${verdict === "untagged" ? "" : `\n${verdictText(verdict)}`}`,
  };
}

/** A number as it is; a list of one as its number; a longer one as how many it names. */
function shortOf(selector: string): string {
  const parsed = parseSelector(selector);
  if (parsed.kind !== "valid") return "?";
  if (parsed.selector.kind === "pr") return String(parsed.selector.pr);
  const numbers = [...parsed.selector.entries.values()];
  return numbers.length === 1 ? String(numbers[0]) : `${numbers.length}×`;
}
