import { homedir } from "node:os";
import { join } from "node:path";
import { argocd, redis } from "./bed/argocd.ts";
import { apiServer, controllers, etcd } from "./bed/control-plane.ts";
import { installObjects, podsReady } from "./bed/install.ts";
import { kubectlOf } from "./bed/kubectl.ts";
import { type Layout, layoutOf } from "./bed/layout.ts";
import { exclusively } from "./bed/lock.ts";
import { joinNode, openNode } from "./bed/node.ts";
import { requirePlatform } from "./bed/platform.ts";
import { ensureProcess } from "./bed/process.ts";
import { openForwarders } from "./bed/reach.ts";
import { recipe } from "./bed/recipes.ts";
import { codeHost, dynamodb } from "./bed/side-processes.ts";
import { claimState, linkTools } from "./bed/state.ts";
import { type Cluster, openCluster } from "./handle.ts";
import { loadImage, ownImages } from "./images/load.ts";
import type { Say } from "./parts/build.ts";
import { openTool, openToolbox, type Toolbox } from "./parts/index.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..", "..");

export interface ClusterOptions {
  /** Folder of the bed's state: one bed a folder. Default: `.perch/cluster` in the checkout. */
  readonly state?: string;
  /** Where tools are looked for: PATH, PERCH_BIN, PERCH_<TOOL>, PERCH_PARTS. Default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Gets a line for each step. Default: silence. */
  readonly say?: Say;
}

/** Folder of a bed's state, from the options. */
export function stateOf(options: ClusterOptions): string {
  return options.state ?? join(CHECKOUT, ".perch", "cluster");
}

/** Finds or builds all parts; the first build takes about half an hour on two cores. */
export async function buildParts(options: ClusterOptions = {}): Promise<Toolbox> {
  const environment = options.environment ?? process.env;
  const cache = cacheFolder(environment);
  return openToolbox({ cache, environment, say: options.say ?? (() => undefined) });
}

/** Path of one tool, `traefik` or such, which is built where it is missing; nothing is started. */
export async function buildTool(name: string, options: ClusterOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  return openTool(name, {
    cache: cacheFolder(environment),
    environment,
    say: options.say ?? (() => undefined),
  });
}

/** By default where the user's other caches are (XDG Base Directory): every checkout uses the same parts. */
function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  if (environment.PERCH_PARTS) return environment.PERCH_PARTS;
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "perch", "parts");
}

/**
 * Brings up the bed: two nodes of a real Kubernetes, DNS, metrics, Traefik, Argo CD's controllers, DynamoDB Local, a fake
 * GitHub and git over HTTP, in a network namespace of its own. What runs already is kept, so a running bed is simply reused.
 * Needs root on Linux. Throws PerchError with the log's end where a part does not start.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  requirePlatform();
  const layout = layoutOf(stateOf(options));
  return exclusively(layout, async () => {
    const say = options.say ?? (() => undefined);
    const toolbox = await buildParts(options);
    for (const line of differences(toolbox)) say(line);
    await bringUp(layout, toolbox, say);
    const cluster = await openCluster(layout);
    await cluster.connectWebhook();
    return cluster;
  });
}

/** A handle on a bed that is up. @throws Error where it was never up */
export function attachCluster(options: ClusterOptions = {}): Promise<Cluster> {
  return openCluster(layoutOf(stateOf(options)));
}

/** What people should know of the tools: which are not built here, and which differ from the original. */
function differences(toolbox: Toolbox): string[] {
  const given = [...toolbox.tools].filter(([, { origin }]) => origin !== "built");
  return [
    ...given.map(([name, { path, origin }]) => `${name}: ${path}, from ${origin}`),
    ...toolbox.patched.map((note) => `patched in ${note}`),
  ];
}

async function bringUp(layout: Layout, toolbox: Toolbox, say: Say): Promise<void> {
  await claimState(layout);
  await linkTools(layout, toolbox);
  await recipe(layout, "pki");
  await recipe(layout, "network");
  say(`${layout.bed}: network, certificates`);
  await Promise.all([
    startControlPlane(layout, toolbox, say),
    openNodes(layout, toolbox, say),
    startSides(layout),
  ]);
  // One after the other: all kubelets of a machine listen for device plugins at one path, and two that take it in the same
  // moment do not both live.
  for (const node of layout.nodes) await joinNode(layout, node, kubectlOf(layout));
  say("nodes have joined");
  await Promise.all(argocd(layout).map((controller) => ensureProcess(layout, controller)));
  say("Argo CD runs");
  await podsReady(kubectlOf(layout));
  say("DNS, metrics and Traefik are ready");
  await openForwarders(layout);
}

async function startControlPlane(layout: Layout, toolbox: Toolbox, say: Say): Promise<void> {
  await ensureProcess(layout, etcd(layout));
  await ensureProcess(layout, apiServer(layout));
  say("the API server answers");
  await Promise.all([
    ...controllers(layout).map((controller) => ensureProcess(layout, controller)),
    installObjects(layout, kubectlOf(layout), toolbox.definitions),
  ]);
  say("definitions and rights are applied");
}

async function openNodes(layout: Layout, toolbox: Toolbox, say: Say): Promise<void> {
  const [archives] = await Promise.all([
    ownImages(layout, toolbox),
    ...layout.nodes.map((node) => openNode(layout, node)),
  ]);
  for (const archive of archives) await loadImage(layout, archive);
  say("images are loaded");
}

async function startSides(layout: Layout): Promise<void> {
  await Promise.all(
    [redis(layout), dynamodb(layout), codeHost(layout)].map((one) => ensureProcess(layout, one)),
  );
}
