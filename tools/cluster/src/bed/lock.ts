import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Layout } from "./layout.ts";

const POLL_MS = 200;

/**
 * Does the work while no other process brings the same bed up or down; waits for one that does. Several test files may so ask for
 * one bed at the same time. The lock is a name in Linux's abstract socket namespace (unix(7)): the kernel frees it when its
 * holder ends, however that happens.
 */
export async function exclusively<T>(layout: Layout, work: () => Promise<T>): Promise<T> {
  let held = await take(`\0${layout.bed}`);
  while (held === undefined) {
    await sleep(POLL_MS);
    held = await take(`\0${layout.bed}`);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}

async function take(name: string): Promise<Server | undefined> {
  const server = createServer((client) => client.destroy()).listen(name);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}
