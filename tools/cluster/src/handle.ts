import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GithubControl, githubControl, type Repositories, repositoriesIn } from "@perch/code-host";
import { execa } from "execa";
import { argocd, gitConfigOf, redis } from "./bed/argocd.ts";
import { apiServer, controllers, etcd } from "./bed/control-plane.ts";
import { takeDown } from "./bed/down.ts";
import { type Kubectl, kubectlOf } from "./bed/kubectl.ts";
import type { Layout } from "./bed/layout.ts";
import { agents, containerd } from "./bed/node.ts";
import { secretsOf } from "./bed/objects.ts";
import { endProcess, ensureProcess, type ProcessSpec, within } from "./bed/process.ts";
import { portsOf } from "./bed/reach.ts";
import { codeHost, dynamodb, INNER_URLS, type Reachable } from "./bed/side-processes.ts";
import { type BuildRequest, baseImageIn, buildImage } from "./images/build.ts";
import { loadImage, tagImage } from "./images/load.ts";

/** A running bed. */
export interface Cluster {
  /** Path of an administrator's kubeconfig that works on this host. */
  readonly kubeconfig: string;
  /** By which this host reaches the parts. */
  readonly urls: Readonly<Record<Reachable, string>>;
  /** By which pods and controllers reach them. */
  readonly innerUrls: Readonly<Record<Reachable, string>>;
  readonly kubectl: Kubectl;
  /** A command, put into the network of the first node: it reaches pods and Services by their addresses. */
  inside(command: readonly string[]): [string, ...string[]];
  readonly github: GithubControl;
  readonly git: Repositories;
  /** Folder with kubectl, kustomize and all other tools of the bed. */
  readonly bin: string;
  /** Signs GitHub's webhooks to Argo CD. */
  readonly webhookSecret: string;
  /** Puts a docker archive into both nodes. */
  loadImage(archive: string): Promise<void>;
  /** Gives a loaded image a second name; both start with a registry, such as `localhost/`. */
  tagImage(from: string, to: string): Promise<void>;
  /** Builds a service's image from its Dockerfile and loads it. */
  buildImage(request: BuildRequest): Promise<void>;
  /** Archive of an image with node and npm, made at the first call; its name is BASE_IMAGE. */
  baseImage(): Promise<string>;
  /** Sends webhooks to Argo CD, and nowhere else: so it is after `startCluster`. */
  connectWebhook(): Promise<void>;
  /** Sets the git configuration of Argo CD's repo server, as the ConfigMap perch-git does where it is a pod. */
  setRepoServerGit(config: string): Promise<void>;
  /** Pulls a node's network cable, or plugs it in again; the first node has none. */
  setConnected(node: string, connected: boolean): Promise<void>;
  /** Ends one of the bed's processes, such as `argocd-application-controller` or `node2-kubelet`. */
  stop(process: string): Promise<void>;
  /** Starts it again and waits until it is ready. */
  start(process: string): Promise<void>;
  /** Names for `stop` and `start`. */
  readonly processes: readonly string[];
  /** Ends the bed and removes all of it. */
  down(): Promise<void>;
}

/** A handle on the bed of that layout, which must be up. */
export async function openCluster(layout: Layout): Promise<Cluster> {
  const urls = hostUrls(await portsOf(layout));
  const { webhook } = await secretsOf(layout);
  const github = githubControl(urls.github);
  const specs = specsOf(layout);
  const spec = (name: string): ProcessSpec => {
    const found = specs.find((one) => one.name === name);
    if (found === undefined) throw new RangeError(`The bed has no process ${name}.`);
    return found;
  };
  const workshop = {
    images: layout.images,
    storage: join(layout.state, "buildah"),
    runtime: join(layout.runtime, "buildah"),
  };
  return {
    kubeconfig: layout.kubeconfig,
    urls,
    innerUrls: INNER_URLS,
    kubectl: kubectlOf(layout),
    inside: (command) => within(layout.network, command),
    github,
    git: repositoriesIn(layout.repositories),
    bin: layout.bin,
    webhookSecret: webhook,
    loadImage: (archive) => loadImage(layout, archive),
    tagImage: (from, to) => tagImage(layout, from, to),
    buildImage: async (request) => loadImage(layout, await buildImage(workshop, request)),
    baseImage: () => baseImageIn(layout.images),
    connectWebhook: () => github.setHooks([{ url: INNER_URLS.argocdWebhook, secret: webhook }]),
    setRepoServerGit: (config) => writeFile(gitConfigOf(layout), config),
    setConnected: async (node, connected) => {
      const [program, ...args] = within(layout.network, [
        "ip",
        "link",
        "set",
        node,
        connected ? "up" : "down",
      ]);
      await execa(program, args);
    },
    stop: (name) => endProcess(layout, spec(name).name),
    start: (name) => ensureProcess(layout, spec(name)),
    processes: specs.map((one) => one.name),
    down: () => takeDown(layout),
  };
}

function hostUrls(ports: Readonly<Record<Reachable, number>>): Record<Reachable, string> {
  const at = (scheme: string, port: number, path = "") => `${scheme}://127.0.0.1:${port}${path}`;
  return {
    kubernetes: at("https", ports.kubernetes),
    edge: at("http", ports.edge),
    edgeTls: at("https", ports.edgeTls),
    git: at("http", ports.git),
    github: at("http", ports.github),
    argocdWebhook: at("http", ports.argocdWebhook, "/api/webhook"),
    dynamodb: at("http", ports.dynamodb),
  };
}

function specsOf(layout: Layout): ProcessSpec[] {
  return [
    etcd(layout),
    apiServer(layout),
    ...controllers(layout),
    ...layout.nodes.flatMap((node) => [containerd(layout, node), ...agents(layout, node)]),
    redis(layout),
    ...argocd(layout),
    dynamodb(layout),
    codeHost(layout),
  ];
}
