import { PerchError } from "@perch/core";

/** Throws UNSUPPORTED_PLATFORM unless network namespaces, cgroups and mounts can be made here: on Linux, as root. */
export function requirePlatform(): void {
  const lacking =
    process.platform === "linux" ? (process.getuid?.() === 0 ? undefined : "root's rights") : "Linux";
  if (lacking === undefined) return;
  throw new PerchError({
    code: "UNSUPPORTED_PLATFORM",
    message: `The cluster needs network namespaces, cgroups and mounts of its own, and so ${lacking}.`,
    hint: "Run it as root on Linux, in a virtual machine if need be; or use any cluster that you have by KUBECONFIG.",
    fault: "environment",
  });
}
