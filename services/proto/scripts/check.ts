import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";

const GENERATED = join(import.meta.dirname, "..", "src", "gen");

/** Runs buf in this package's folder, its output shown; true when it found nothing to say. */
function buf(...args: string[]): boolean {
  const { status, error } = spawnSync("buf", args, {
    cwd: join(import.meta.dirname, ".."),
    stdio: "inherit",
  });
  if (error !== undefined) process.stderr.write(`buf did not start: ${error.message}. Run npm ci first.\n`);
  return status === 0;
}

/** File name to content, for every file below a folder. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** Whether the committed code is what the proto files generate today. */
function isCurrent(): boolean {
  const fresh = mkdtempSync(join(tmpdir(), "proto-check-"));
  try {
    if (!buf("generate", "--output", fresh)) return false;
    if (isDeepStrictEqual(contents(join(fresh, "src", "gen")), contents(GENERATED))) return true;
    process.stderr.write(
      "services/proto/src/gen is not what the proto files generate. Run: npm run generate --workspace services/proto\n",
    );
    return false;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

// All checks run, so that one run shows everything there is to fix.
const passed = [buf("lint"), buf("format", "--diff", "--exit-code"), isCurrent()];
process.exitCode = passed.every(Boolean) ? 0 : 1;
