import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { installDebian } from "../support/debian.ts";

/** Names under which Chromium and Chrome are installed, the open one first. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-for-testing",
  "google-chrome-stable",
  "google-chrome",
];

/** Where macOS keeps them: not on PATH. */
const MAC = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

let found: Promise<string> | undefined;

/**
 * The path of a Chromium or Chrome: `PERCH_CHROMIUM`, one that is installed, or one that this installs with apt where it
 * may (root on Debian).
 * @throws Error that says what to do where there is none.
 */
export function findChromium(): Promise<string> {
  found ??= find();
  return found;
}

async function find(): Promise<string> {
  const named = process.env.PERCH_CHROMIUM;
  if (named !== undefined && named !== "") {
    if (await isExecutable(named)) return named;
    throw new Error(`PERCH_CHROMIUM names ${named}, which is no program. Set it to a Chromium's path.`);
  }
  return (await installedChromium()) ?? (await install());
}

/** The path of a Chromium or Chrome on PATH, or where macOS keeps them. */
export async function installedChromium(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function install(): Promise<string> {
  const failure = await installDebian("chromium");
  const path = await installedChromium();
  if (path !== undefined) return path;
  throw new Error(failure === undefined ? WHAT_TO_DO : `${WHAT_TO_DO}\nIt was tried:\n${failure}`);
}

const WHAT_TO_DO = [
  "The browser tests need Chromium or Chrome, and none was found on PATH.",
  "Install it (Debian: `apt-get install chromium`; macOS: `brew install --cask chromium`),",
  "or set PERCH_CHROMIUM to the path of one.",
].join(" ");
