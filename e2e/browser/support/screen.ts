import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { fromDebian } from "../../support/debian.ts";
import { until } from "../../support/until.ts";

/** Why a test that needs a screen cannot run; false: it can. */
export const NO_SCREEN =
  process.platform === "linux" ? false : "what the browser asks for by itself is answered on an X display";

/** A screen and a keyboard, for what a browser shows outside of its pages. */
export interface Screen {
  readonly display: string;
  /** Presses keys, named as X names them: `Tab`, `alt+shift+s`. */
  press(...keys: string[]): Promise<void>;
  /** A digest of what is to be seen there. */
  look(area: Area): Promise<string>;
  /** From 0, black, to 255, white. */
  brightness(area: Area): Promise<number>;
  close(): Promise<void>;
}

/** In pixels. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Starts an X server that nobody sees. */
export async function startScreen(): Promise<Screen> {
  const [server, keyboard] = [await fromDebian("Xvfb"), await fromDebian("xdotool")];
  const folder = await mkdtemp(join(tmpdir(), "perch-screen-"));
  const args = ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-fbdir", folder];
  const child = spawn(server, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: child.stdio[3] as Readable });
  const [number] = (await once(lines, "line")) as [string];
  const display = `:${number}`;
  const image = join(folder, "Xvfb_screen0");
  return {
    display,
    press: async (...keys) => {
      for (const key of keys) await execa(keyboard, ["key", key], { env: { DISPLAY: display } });
    },
    look: async (area) =>
      createHash("sha256")
        .update(await pixels(image, area))
        .digest("hex"),
    brightness: async (area) => {
      const bytes = await pixels(image, area);
      return bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
    },
    close: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Does what makes the browser ask for access, and answers. The question is a dialog over a darkened page, and begins on
 * "Deny".
 */
export async function answer(
  screen: Screen,
  wanted: "allow" | "deny",
  ask: () => Promise<void>,
): Promise<void> {
  const isAsking = async () => (await screen.brightness(MARGIN)) < DARKENED;
  await ask();
  await until("the browser asks", 30, isAsking);
  if (wanted === "allow") {
    const onDeny = await settled(screen);
    await until("the browser's dialog goes on to its other button", 30, async () => {
      await screen.press("Tab");
      return within(KEY_SHOWS, async () => (await screen.look(DIALOG)) !== onDeny);
    });
  }
  // For a moment after it appears, a dialog takes no answer: nobody shall give one by accident.
  await until("the browser's dialog takes an answer", 30, async () => {
    await screen.press("Return");
    return within(KEY_SHOWS, async () => !(await isAsking()));
  });
}

/** Milliseconds until what a key does is seen at last: one more key would do more than was meant. */
const KEY_SHOWS = 3_000;

/** Whether something is so before the milliseconds are over. */
async function within(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (await isSo()) return true;
    await sleep(100);
  }
  return false;
}

/** In the middle, below the browser's own bars. */
const DIALOG: Area = { left: 430, top: 100, width: 440, height: 200 };
/** Of a page, where nothing is but its background: white or nearly so, and half of that behind a dialog. */
const MARGIN: Area = { left: 30, top: 700, width: 20, height: 20 };
const DARKENED = 190;

/** What the dialog looks like once it no longer changes. */
async function settled(screen: Screen): Promise<string> {
  for (let before = ""; ; ) {
    const now = await screen.look(DIALOG);
    if (now === before) return now;
    before = now;
    await sleep(300);
  }
}

/** Of a file in the format of `xwd`: a header, a table of colours, then four bytes a pixel. */
async function pixels(file: string, { left, top, width, height }: Area): Promise<Uint8Array> {
  const image = await readFile(file);
  const [headerSize = 0, bytesPerLine = 0, colours = 0] = [0, 12, 19].map((word) =>
    image.readUInt32BE(4 * word),
  );
  const start = headerSize + 12 * colours + top * bytesPerLine + 4 * left;
  const rows = Array.from({ length: height }, (_, row) => start + row * bytesPerLine);
  // Of a pixel's four bytes the last is not its colour.
  return Buffer.concat(rows.map((at) => image.subarray(at, at + 4 * width))).filter((_, i) => i % 4 !== 3);
}
