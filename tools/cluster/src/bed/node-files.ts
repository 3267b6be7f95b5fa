import { join } from "node:path";
import { ADDRESSES, type Layout, type NodeLayout } from "./layout.ts";

/** Name under which the pause image is loaded into the nodes. */
export const PAUSE_IMAGE = "perch.local/pause:bed";

/** Folder of a node's configuration. */
export function etcOf(layout: Layout, node: NodeLayout): string {
  return join(layout.etc, node.name);
}

/** containerd's configuration (TOML, version 2). */
export function containerdToml(layout: Layout, node: NodeLayout): string {
  const data = join(node.folder, "containerd");
  return `version = 2
root = "${data}/root"
state = "${data}/state"
[grpc]
  address = "${node.containerdSocket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${data}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  # inside a container there may be no right to lower oom_score_adj, and the sandbox asks for -998
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${etcOf(layout, node)}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "${join(layout.runtime, "runc")}"
`;
}

/** The kubelet's configuration; JSON, which is YAML too. */
export function kubeletConfig(layout: Layout, node: NodeLayout): string {
  return json({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(layout.pki, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: join(layout.pki, `${node.name}.crt`),
    tlsPrivateKeyFile: join(layout.pki, `${node.name}.key`),
    clusterDNS: [ADDRESSES.dns],
    clusterDomain: "cluster.local",
    resolvConf: join(etcOf(layout, node), "resolv.conf"),
    containerRuntimeEndpoint: `unix://${node.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${node.cgroup}`,
    // machines with cgroup version 1 serve as well; from 1.35 on the kubelet refuses them
    failCgroupV1: false,
    // lowering it needs a right that a container may lack
    oomScoreAdj: 0,
    failSwapOn: false,
    maxPods: 220,
    enforceNodeAllocatable: ["pods"],
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    // images come from archives, so what is collected cannot be pulled again
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: "5s",
    podLogsDir: join(node.folder, "pod-logs"),
    volumePluginDir: join(node.folder, "volume-plugins"),
  });
}

/** kube-proxy's configuration. It ends when this file is written again, so write it only if it differs. */
export function proxyConfig(layout: Layout, node: NodeLayout): string {
  return json({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    bindAddress: node.address,
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: join(layout.etc, "proxy.kubeconfig") },
    clusterCIDR: ADDRESSES.pods,
    oomScoreAdj: 0,
    mode: "iptables",
    metricsBindAddress: "127.0.0.1:10249",
    healthzBindAddress: "127.0.0.1:10256",
    conntrack: { maxPerCore: 0 },
    nodePortAddresses: [`${node.address}/32`],
  });
}

/** The pods' network: a bridge on each node; it enforces no NetworkPolicy. */
export function cniConfig(node: NodeLayout): string {
  return json({
    cniVersion: "0.4.0",
    name: "bed",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(node.folder, "addresses"),
          ranges: [[{ subnet: node.pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
