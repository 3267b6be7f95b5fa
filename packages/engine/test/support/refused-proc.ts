import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";

/**
 * From now on nobody in this process may list the machine's processes, as where it has no file descriptor left.
 * @returns what ends that; the test's end does too.
 */
export function refuseProc(t: TestContext): () => void {
  const readdir = fs.readdir.bind(fs) as (...args: unknown[]) => Promise<unknown>;
  const refused = t.mock.method(fs, "readdir", ((...args: unknown[]) =>
    args[0] === "/proc"
      ? Promise.reject(Object.assign(new Error("too many open files"), { code: "EMFILE" }))
      : readdir(...args)) as typeof fs.readdir);
  const end = () => {
    refused.mock.restore();
    syncBuiltinESMExports();
  };
  syncBuiltinESMExports();
  t.after(end);
  return end;
}
