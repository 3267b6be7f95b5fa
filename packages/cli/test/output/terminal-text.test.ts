import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { plainLine, terminalStream, terminalText } from "../../src/output/terminal-text.ts";

const ESC = "\u001b";

describe("text for a terminal", () => {
  it("keeps colours, line ends, tabs and every script", () => {
    const text = `${ESC}[1;31mred${ESC}[0m\tgrün 鳥 🐦\n`;
    assert.equal(terminalText(text), text);
  });

  it("loses what could clear the screen, set a title, write to the clipboard, or turn text around", () => {
    const hostile = `a${ESC}[2Jb${ESC}]0;owned\u0007c${ESC}]52;c;eA==\u0007d\u009b2Je\u202ef\rg\bh`;
    const safe = terminalText(hostile);
    assert.equal(safe, "a[2Jb]0;ownedc]52;c;eA==d2Jefgh");
  });

  it("never lets an escape through but a colour's, however a stream cuts it", async () => {
    const piece = fc.string({
      unit: fc.constantFrom(ESC, "[", "3", "1", "m", ";", "J", "\n", "x", "\u009b"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const safe = await collect(terminalStream(from(pieces)));
        assert.equal(safe, terminalText(pieces.join("").replace(CUT_AT_END, "")));
        assert.equal(safe.replaceAll(COLOUR, "").includes(ESC), false);
      }),
    );
  });

  it("is one printable line where a line is wanted", () => {
    assert.equal(plainLine(`one\ntwo ${ESC}[31mred`), "onetwo [31mred");
  });
});

const COLOUR = new RegExp(`${ESC}\\[[0-9;:]*m`, "g");
const CUT_AT_END = new RegExp(`${ESC}(?:\\[[0-9;:]{0,32})?$`);

async function* from(pieces: readonly string[]): AsyncIterable<string> {
  yield* pieces;
}

async function collect(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}
