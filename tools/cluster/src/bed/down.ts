import { readdir } from "node:fs/promises";
import type { Layout } from "./layout.ts";
import { exclusively } from "./lock.ts";
import { endProcess } from "./process.ts";
import { recipe } from "./recipes.ts";
import { hasBed } from "./state.ts";

/** Their state goes with them, so nobody needs a long farewell: the API server would wait for its clients. */
const GRACE_MS = 1_000;

/** Ends every process of the bed, then removes its pods, mounts, networks and files. Nothing happens where there is none. */
export async function takeDown(layout: Layout): Promise<void> {
  if (await hasBed(layout)) await exclusively(layout, () => endAll(layout));
}

async function endAll(layout: Layout): Promise<void> {
  const names = await readdir(layout.records).catch(() => []);
  // the kubelets first, or they start anew what the rest ends
  const kubelets = names.filter((name) => name.endsWith("-kubelet"));
  await Promise.all(kubelets.map((name) => endProcess(layout, name, GRACE_MS)));
  await Promise.all(names.map((name) => endProcess(layout, name, GRACE_MS)));
  await recipe(layout, "clean");
}
