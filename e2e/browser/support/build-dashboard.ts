import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT } from "../../support/perch.ts";

const DASHBOARD = join(ROOT, "apps", "dashboard");
/** Ignored by git: another test may make a repository of the checkout at the same time. */
const SCRATCH = join(DASHBOARD, ".cache");

/** Tells the test files of one run that it was built for them. */
const BUILT = "PERCH_DASHBOARD_BUILT";

/** For all test files that this process will start: two that build at once would take it away from each other. */
export async function prepareDashboard(): Promise<void> {
  try {
    await buildDashboard();
    process.env[BUILT] = "1";
  } catch {
    // The files that need it try themselves, and say why it cannot be built.
  }
}

/**
 * Builds the dashboard into the folder from which the engine serves it. It is swapped in whole: another test may load it
 * at the same time.
 */
export async function buildDashboard(): Promise<void> {
  if (process.env[BUILT] === "1") return;
  await mkdir(SCRATCH, { recursive: true });
  const fresh = await mkdtemp(join(SCRATCH, "fresh-"));
  const options = ["--logLevel", "error", "--outDir", fresh, "--emptyOutDir"];
  await execa("npm", ["run", "--silent", "build", "--", ...options], { cwd: DASHBOARD });
  const old = await mkdtemp(join(SCRATCH, "old-"));
  await rename(join(DASHBOARD, "dist"), join(old, "dist")).catch(ignoreAbsent);
  await rename(fresh, join(DASHBOARD, "dist"));
  await rm(old, { recursive: true, force: true });
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
