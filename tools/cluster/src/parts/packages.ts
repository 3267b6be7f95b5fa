import { PerchError } from "@perch/core";
import { execa } from "execa";
import type { Say } from "./build.ts";

/** Commands that the bed takes from the system, and the Debian package that has each. */
const COMMANDS: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  "/usr/lib/cni/bridge": "containernetworking-plugins",
  conntrack: "conntrack",
  iptables: "iptables",
  ip: "iproute2",
  nsenter: "util-linux",
  sysctl: "procps",
  openssl: "openssl",
  curl: "curl",
  tar: "tar",
  git: "git",
  "redis-server": "redis-server",
  buildah: "buildah",
  java: "default-jre-headless",
};

/** Commands that builds need besides; Go, which the distribution has too old, is not among them. */
const BUILD_COMMANDS: Readonly<Record<string, string>> = { mvn: "maven", patch: "patch" };

/** Installs what is missing by apt-get. Throws UNSUPPORTED_PLATFORM, with the packages' names, where that cannot be done. */
export async function ensurePackages(options: { readonly building: boolean }, say: Say): Promise<void> {
  const needed = { ...COMMANDS, ...(options.building ? BUILD_COMMANDS : {}) };
  const packages = await missingPackages(needed);
  if (packages.length === 0) return;
  say(`installing Debian packages: ${packages.join(" ")}`);
  const apt = (...args: string[]) =>
    execa("apt-get", args, { env: { DEBIAN_FRONTEND: "noninteractive" }, stdin: "ignore" });
  try {
    await apt("update", "-qq");
    await apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
  } catch (cause) {
    const message = `These packages are missing and could not be installed: ${packages.join(" ")}.`;
    throw new PerchError(
      {
        code: "UNSUPPORTED_PLATFORM",
        message,
        hint: "Install them, as root, on a Debian-like Linux; other systems can use KUBECONFIG of any cluster instead.",
        fault: "environment",
      },
      { cause },
    );
  }
}

async function missingPackages(commands: Readonly<Record<string, string>>): Promise<string[]> {
  const checked = await Promise.all(
    Object.entries(commands).map(async ([command, name]) => {
      const { failed } = await execa("sh", ["-c", 'command -v "$0"', command], { reject: false });
      return failed ? [name] : [];
    }),
  );
  return [...new Set(checked.flat())];
}
