import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../support/perch.ts";

const DASHBOARD = join(ROOT, "apps", "dashboard");

/**
 * Builds the dashboard into the folder from which the engine serves it. It is swapped in whole: another test may load it
 * at the same time.
 */
export async function buildDashboard(): Promise<void> {
  const fresh = await mkdtemp(join(DASHBOARD, "dist-"));
  const options = ["--logLevel", "error", "--outDir", fresh, "--emptyOutDir"];
  await execa("npm", ["run", "--silent", "build", "--", ...options], { cwd: DASHBOARD });
  const old = await mkdtemp(join(DASHBOARD, "dist-"));
  await rename(join(DASHBOARD, "dist"), join(old, "dist")).catch(ignoreAbsent);
  await rename(fresh, join(DASHBOARD, "dist"));
  await rm(old, { recursive: true, force: true });
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
