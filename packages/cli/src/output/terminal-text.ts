/** Colours and the like: the only sequences that a log may keep. ECMA-48, 8.3.117 (SGR). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const STYLE = /\x1b\[[0-9;:]*m/y;

/**
 * What others wrote, fit for a terminal: colours stay; what could move the cursor, set a title, write to the clipboard or
 * turn the direction of text does not.
 */
export function terminalText(text: string): string {
  let safe = "";
  for (let i = 0; i < text.length; ) {
    STYLE.lastIndex = i;
    const style = STYLE.exec(text)?.[0];
    const character = String.fromCodePoint(text.codePointAt(i) ?? 0);
    if (style !== undefined) safe += style;
    else if (character === "\n" || character === "\t" || !/\p{C}/u.test(character)) safe += character;
    i += (style ?? character).length;
  }
  return safe;
}

/** One line, without anything that is not printed. */
export function plainLine(text: string): string {
  return text.replace(/\p{C}/gu, "");
}

/** Where a piece of a stream may have cut a sequence in two: the rest of it comes with the next piece. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CUT = /\x1b(?:\[[0-9;:]{0,32})?$/;

/** The same for text that comes piece by piece. */
export async function* terminalStream(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let held = "";
  for await (const piece of pieces) {
    const text = held + piece;
    held = CUT.exec(text)?.[0] ?? "";
    yield terminalText(text.slice(0, text.length - held.length));
  }
}
