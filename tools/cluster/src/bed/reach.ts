import { readFile, rm, writeFile } from "node:fs/promises";
import type { Layout } from "./layout.ts";
import { ensureProcess, isRunning } from "./process.ts";
import { forwarders, portsFile, type Reachable } from "./side-processes.ts";

/** Starts the forwarders and writes the kubeconfig that works on the host. */
export async function openForwarders(layout: Layout): Promise<void> {
  const before = await portsOf(layout).catch(() => ({}));
  const [inside, host] = forwarders(layout, before);
  if (inside === undefined || host === undefined) return;
  await ensureProcess(layout, inside);
  // the file says that it listens: one of an earlier start would say so too soon
  if (!(await isRunning(layout, host.name))) await rm(portsFile(layout), { force: true });
  await ensureProcess(layout, host);
  const { kubernetes } = await portsOf(layout);
  const inner = await readFile(layout.innerKubeconfig, "utf8");
  const outer = inner.replace("https://127.0.0.1:6443", `https://127.0.0.1:${kubernetes}`);
  await writeFile(layout.kubeconfig, outer, { mode: 0o600 });
}

/** Loopback ports of the host by name. Throws where the bed was never up. */
export async function portsOf(layout: Layout): Promise<Record<Reachable, number>> {
  return JSON.parse(await readFile(portsFile(layout), "utf8")) as Record<Reachable, number>;
}
