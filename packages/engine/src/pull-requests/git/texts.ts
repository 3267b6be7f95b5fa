import { isTimeout, isTooLong, type Run } from "./git.ts";

/** Bytes: a tree of some 600 000 files. */
const LONGEST_LISTING = 2 ** 26;

/** What is read of a commit at most, which is its author's: files, and bytes of one and of all. */
const MOST_FILES = 10_000;
const LARGEST = 2 ** 18;
const MOST_BYTES = 2 ** 23;

/**
 * Every file of a commit with its size, each ended by a zero byte, as `git ls-tree -r -z -l` prints them; `undefined`: the list is longer
 * than is read. A small commit may have trees in trees that make a list without an end, or, without a file, one that never begins.
 * @param timeout milliseconds.
 */
export async function listTree(
  run: Run,
  commit: string,
  timeout: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const args = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
  const limits = { maxBuffer: LONGEST_LISTING, timeout, signal };
  return run(args, limits).catch((error: unknown) => {
    if (isTooLong(error) || isTimeout(error)) return undefined;
    throw error;
  });
}

/** The text of each file of a name in a commit, by path, without those of installed packages; `undefined`: it is more than is read. */
export async function textsOf(
  run: Run,
  commit: string,
  name: string,
  timeout: number,
  signal: AbortSignal,
): Promise<Map<string, string> | undefined> {
  const tree = await listTree(run, commit, timeout, signal);
  if (tree === undefined) return undefined;
  const files = tree.split("\0").flatMap((entry) => fileOf(entry, name));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const isTooMuch =
    files.length > MOST_FILES || bytes > MOST_BYTES || files.some(({ size }) => size > LARGEST);
  return isTooMuch ? undefined : readFiles(run, files);
}

interface TreeFile {
  readonly path: string;
  /** Hash of its content. */
  readonly blob: string;
  readonly size: number;
}

/** `<mode> <type> <object> <size>`, a tab, the path; a symbolic link has another mode. */
const ENTRY = /^100\d{3} blob ([0-9a-f]{40,64}) +(\d+)\t(.*)$/s;

function fileOf(entry: string, name: string): TreeFile[] {
  if (!entry.endsWith(name)) return [];
  const [, blob = "", size, path = ""] = ENTRY.exec(entry) ?? [];
  const isNamed = path === name || path.endsWith(`/${name}`);
  return isNamed && !path.includes("node_modules/") ? [{ path, blob, size: Number(size) }] : [];
}

/** One command for any number of files, which are asked for by their content: a path may have a line end in it. */
async function readFiles(run: Run, files: readonly TreeFile[]): Promise<Map<string, string>> {
  if (files.length === 0) return new Map();
  const input = files.map(({ blob }) => `${blob}\n`).join("");
  const output = await run(["cat-file", "--batch"], { input, encoding: "latin1" });
  const found = new Map<string, string>();
  let at = 0;
  for (const { path, blob, size } of files) {
    const header = `${blob} blob ${size}\n`;
    if (!output.startsWith(header, at)) throw new Error(`git has no content of ${path}`);
    const begin = at + header.length;
    found.set(path, Buffer.from(output.slice(begin, begin + size), "latin1").toString("utf8"));
    // The content, and a line end.
    at = begin + size + 1;
  }
  return found;
}
