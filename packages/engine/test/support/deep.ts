import { execFileSync } from "node:child_process";

/** Goes down one folder at a time, as any program may: the whole path would be longer than the system takes (PATH_MAX, 4,096 on Linux). */
const NEST = `
const { chmodSync, mkdirSync } = require("node:fs");
const name = "x".repeat(250);
for (let i = 0; i < 18; i += 1) {
  mkdirSync(name);
  process.chdir(name);
}
mkdirSync("protected/inner", { recursive: true });
chmodSync("protected", 0o555);
`;

/** Nests folders in one so deep that no path leads to the innermost, which is write-protected. */
export function nestDeep(folder: string): void {
  execFileSync(process.execPath, ["-e", NEST], { cwd: folder });
}
