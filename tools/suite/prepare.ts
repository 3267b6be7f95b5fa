import { installedChromium } from "../../e2e/browser/chromium.ts";
import { prepareDashboard } from "../../e2e/browser/support/build-dashboard.ts";
import { type DebianProgram, prepareDebian } from "../../e2e/support/debian.ts";

/** What test files take from the system. */
const PROGRAMS: readonly DebianProgram[] = [
  ...(["Xvfb", "xdotool", "nginx", "jq", "buildah", "runc", "skopeo"] as const),
  ...(["docker-registry", "prometheus", "promtool", "kubectl"] as const),
];

/** Before a whole run: its files would install their programs one by one, each in the time of a test, and build the same. */
export async function prepare(say: (line: string) => void): Promise<void> {
  const needsChromium = process.env.PERCH_CHROMIUM === undefined && (await installedChromium()) === undefined;
  await prepareDebian(PROGRAMS, needsChromium ? ["chromium"] : [], say);
  await prepareDashboard();
}
