import { installedChromium } from "../../e2e/browser/chromium.ts";
import { prepareDashboard } from "../../e2e/browser/support/build-dashboard.ts";
import { prepareDebian } from "../../e2e/support/debian.ts";

/** Programs that test files take from the system, by name on PATH, and the Debian package of each. */
const PROGRAMS = {
  Xvfb: "xvfb",
  xdotool: "xdotool",
  nginx: "nginx-light",
  jq: "jq",
  buildah: "buildah",
  runc: "runc",
  skopeo: "skopeo",
  "docker-registry": "docker-registry",
  prometheus: "prometheus",
  promtool: "prometheus",
  kubectl: "kubernetes-client",
};

/** Before a whole run: its files would install their programs one by one, each in the time of a test, and build the same. */
export async function prepare(say: (line: string) => void): Promise<void> {
  const needsChromium = process.env.PERCH_CHROMIUM === undefined && (await installedChromium()) === undefined;
  await prepareDebian(needsChromium ? { ...PROGRAMS, chromium: "chromium" } : PROGRAMS, say);
  await prepareDashboard();
}
