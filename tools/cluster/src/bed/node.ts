import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { Kubectl } from "./kubectl.ts";
import type { Layout, NodeLayout } from "./layout.ts";
import { cniConfig, containerdToml, etcOf, kubeletConfig, proxyConfig } from "./node-files.ts";
import { ensureProcess, type ProcessSpec } from "./process.ts";
import { SHELL } from "./recipes.ts";

/** containerd of a node, which images can be loaded into once it is ready. */
export function containerd(layout: Layout, node: NodeLayout): ProcessSpec {
  return {
    name: `${node.name}-containerd`,
    network: node.network,
    command: ["containerd", "-c", join(etcOf(layout, node), "containerd.toml")],
    ready: ["ctr", "-a", node.containerdSocket, "version"],
    readyWithinSeconds: 30,
  };
}

/** kubelet and kube-proxy of a node. */
export function agents(layout: Layout, node: NodeLayout): ProcessSpec[] {
  const etc = etcOf(layout, node);
  return [
    {
      name: `${node.name}-kubelet`,
      network: node.network,
      command: [
        join(layout.bin, "kubelet"),
        `--config=${join(etc, "kubelet.json")}`,
        `--kubeconfig=${join(layout.etc, `${node.name}.kubeconfig`)}`,
        `--hostname-override=${node.name}`,
        `--node-ip=${node.address}`,
        `--root-dir=${join(node.folder, "kubelet")}`,
        `--cert-dir=${join(node.folder, "kubelet-pki")}`,
      ],
      ready: ["curl", "-fs", "http://127.0.0.1:10248/healthz"],
      readyWithinSeconds: 60,
    },
    {
      name: `${node.name}-kube-proxy`,
      network: node.network,
      command: [join(layout.bin, "kube-proxy"), `--config=${join(etc, "kube-proxy.json")}`],
      ready: ["curl", "-fs", "http://127.0.0.1:10249/healthz"],
      readyWithinSeconds: 60,
    },
  ];
}

/** Writes a node's configuration, makes its cgroup and starts its containerd: from then on it takes images. */
export async function openNode(layout: Layout, node: NodeLayout): Promise<void> {
  const etc = etcOf(layout, node);
  await put(join(etc, "resolv.conf"), "");
  await put(join(etc, "containerd.toml"), containerdToml(layout, node));
  await put(join(etc, "kubelet.json"), kubeletConfig(layout, node));
  await put(join(etc, "kube-proxy.json"), proxyConfig(layout, node));
  await put(join(etc, "cni", "10-bed.conflist"), cniConfig(node));
  await mkdir(node.folder, { recursive: true });
  await execa("bash", [join(SHELL, "cgroups.sh"), node.cgroup]);
  await ensureProcess(layout, containerd(layout, node));
}

/** Starts a node's kubelet and kube-proxy, until the node is ready; needs the API server, and the pause image in the node. */
export async function joinNode(layout: Layout, node: NodeLayout, kubectl: Kubectl): Promise<void> {
  await Promise.all(agents(layout, node).map((agent) => ensureProcess(layout, agent)));
  for (const state of ["create", "condition=Ready"])
    await kubectl(["wait", `--for=${state}`, `node/${node.name}`, "--timeout=60s"]);
}

/** Writes a file only if its content differs. */
async function put(file: string, content: string): Promise<void> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before === content) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}
