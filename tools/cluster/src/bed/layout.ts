import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** A node of the bed. */
export interface NodeLayout {
  readonly name: string;
  readonly address: string;
  /** Name of its network namespace. */
  readonly network: string;
  /** Name of its cgroup, below each hierarchy's root. */
  readonly cgroup: string;
  /** Range of its pods. */
  readonly pods: string;
  /** Folder of containerd's and the kubelet's data. */
  readonly folder: string;
  readonly containerdSocket: string;
}

/** Every name, path and address of one bed. */
export interface Layout {
  /** Unique on the machine; prefix of all that the bed makes outside its folder, and value of PERCH_BED in its processes. */
  readonly bed: string;
  /** Folder of all state; removed with the bed. */
  readonly state: string;
  /** Folder of sockets, whose paths may have 107 bytes at most. */
  readonly runtime: string;
  /** Network namespace of the control plane, the controllers and the first node. */
  readonly network: string;
  readonly nodes: readonly NodeLayout[];
  readonly logs: string;
  readonly records: string;
  readonly etc: string;
  readonly pki: string;
  /** Folder with all tools by name, for PATH. */
  readonly bin: string;
  readonly repositories: string;
  readonly images: string;
  /** Works inside the bed's network. */
  readonly innerKubeconfig: string;
  /** Works on the host, through the forwarder. */
  readonly kubeconfig: string;
}

/** Addresses inside the bed's own network namespace: the same in every bed, since none sees another. */
export const ADDRESSES = {
  api: "10.99.0.1",
  pods: "10.244.0.0/16",
  services: "10.96.0.0/16",
  kubernetes: "10.96.0.1",
  dns: "10.96.0.10",
  edge: "10.96.0.80",
} as const;

/** Ports inside the bed's network, on every address of the first node. */
export const PORTS = {
  kubernetes: 6443,
  git: 3000,
  github: 3001,
  argocdWebhook: 7000,
  dynamodb: 8000,
} as const;

const NODE_COUNT = 2;

/** The layout of the bed whose state is in that folder. */
export function layoutOf(stateFolder: string): Layout {
  const state = resolve(stateFolder);
  const bed = `perch-${createHash("sha256").update(state).digest("hex").slice(0, 8)}`;
  const runtime = `/run/${bed}`;
  const numbers = Array.from({ length: NODE_COUNT }, (_, index) => index + 1);
  return {
    bed,
    state,
    runtime,
    network: bed,
    nodes: numbers.map((number) => nodeLayout({ bed, state, runtime }, number)),
    logs: join(state, "logs"),
    records: join(state, "processes"),
    etc: join(state, "etc"),
    pki: join(state, "pki"),
    bin: join(state, "bin"),
    repositories: join(state, "git"),
    images: join(state, "images"),
    innerKubeconfig: join(state, "etc", "admin.kubeconfig"),
    kubeconfig: join(state, "kubeconfig"),
  };
}

function nodeLayout(of: { bed: string; state: string; runtime: string }, number: number): NodeLayout {
  const name = `node${number}`;
  return {
    name,
    address: `10.99.0.${number}`,
    network: number === 1 ? of.bed : `${of.bed}-${name}`,
    cgroup: `${of.bed}-${name}`,
    pods: `10.244.${number}.0/24`,
    folder: join(of.state, name),
    containerdSocket: join(of.runtime, `${name}-containerd.sock`),
  };
}

/** What the shell recipes read from their environment. */
export function recipeEnvironment(layout: Layout): Record<string, string> {
  return {
    STATE: layout.state,
    RUNTIME: layout.runtime,
    NETWORK: layout.network,
    BED: layout.bed,
    NODES: layout.nodes.map((node) => `${node.name}=${node.address}`).join(" "),
    API_ADDRESS: ADDRESSES.api,
    SERVICE_ADDRESS: ADDRESSES.kubernetes,
    SERVICE_RANGE: ADDRESSES.services,
  };
}
