#!/usr/bin/env node
// In the repository the sources run, those of the other packages too; a published package has only dist.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) >= NEEDED) await run();
else runOnPinnedNode();

async function run() {
  keepCompiled();
  const source = new URL("../src/main.ts", import.meta.url);
  if (!existsSync(source)) return import(new URL("../dist/main.js", import.meta.url).href);
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "perch-source"] }),
  });
  return import(source.href);
}

/** Half of a start is reading the same modules again. In the user's own cache: what others can write to is no place for code. */
function keepCompiled() {
  try {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    nodeModule.enableCompileCache(join(cache, "perch", "compiled"));
  } catch {
    // Without a home it starts all the same, slower.
  }
}

/** An older Node of the machine is good enough to find the one that was installed along with perch. */
function runOnPinnedNode() {
  const node = pinnedNode(dirname(fileURLToPath(import.meta.url)));
  if (node === undefined) {
    process.stderr.write(`perch needs Node ${NEEDED} or newer; this is ${process.versions.node}.\n`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends its signals to both; those of others come to this process alone.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}

function pinnedNode(folder) {
  const node = join(folder, "node_modules", ".bin", "node");
  if (existsSync(node)) return node;
  return folder === dirname(folder) ? undefined : pinnedNode(dirname(folder));
}
