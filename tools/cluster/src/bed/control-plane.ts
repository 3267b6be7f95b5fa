import { join } from "node:path";
import { ADDRESSES, type Layout, PORTS } from "./layout.ts";
import type { ProcessSpec } from "./process.ts";

/** etcd, without waiting for the disk: a bed that loses power is built anew. */
export function etcd(layout: Layout): ProcessSpec {
  const client = "http://127.0.0.1:2379";
  const peer = "http://127.0.0.1:2380";
  return {
    name: "etcd",
    network: layout.network,
    command: [
      join(layout.bin, "etcd"),
      "--name=bed",
      `--data-dir=${join(layout.state, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=bed=${peer}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    ready: ["curl", "-fs", `${client}/health`],
    readyWithinSeconds: 60,
  };
}

/** The API server, with the admission plugins that are on by default: ValidatingAdmissionPolicy is among them. */
export function apiServer(layout: Layout): ProcessSpec {
  const pki = (name: string) => join(layout.pki, name);
  return {
    name: "kube-apiserver",
    network: layout.network,
    command: [
      join(layout.bin, "kube-apiserver"),
      `--advertise-address=${ADDRESSES.api}`,
      "--bind-address=0.0.0.0",
      `--secure-port=${PORTS.kubernetes}`,
      "--etcd-servers=http://127.0.0.1:2379",
      `--client-ca-file=${pki("ca.crt")}`,
      `--tls-cert-file=${pki("apiserver.crt")}`,
      `--tls-private-key-file=${pki("apiserver.key")}`,
      `--kubelet-certificate-authority=${pki("ca.crt")}`,
      `--kubelet-client-certificate=${pki("apiserver-kubelet-client.crt")}`,
      `--kubelet-client-key=${pki("apiserver-kubelet-client.key")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${pki("sa.pub")}`,
      `--service-account-signing-key-file=${pki("sa.key")}`,
      `--service-cluster-ip-range=${ADDRESSES.services}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
      // a lost node's pods are replaced after half a minute, not after five
      "--default-not-ready-toleration-seconds=30",
      "--default-unreachable-toleration-seconds=30",
      // the aggregated API of metrics-server is reached by its pod's address
      "--enable-aggregator-routing=true",
      `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-username-headers=X-Remote-User",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
      `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
    ],
    ready: [join(layout.bin, "kubectl"), `--kubeconfig=${layout.innerKubeconfig}`, "get", "--raw=/readyz"],
    readyWithinSeconds: 120,
  };
}

/** Controller manager and scheduler. */
export function controllers(layout: Layout): ProcessSpec[] {
  const identity = (component: string) => {
    const file = join(layout.etc, `${component}.kubeconfig`);
    const flags = ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"];
    return [...flags.map((flag) => `--${flag}=${file}`), "--bind-address=127.0.0.1", "--leader-elect=false"];
  };
  return [
    {
      name: "kube-controller-manager",
      network: layout.network,
      command: [
        join(layout.bin, "kube-controller-manager"),
        ...identity("controller-manager"),
        `--root-ca-file=${join(layout.pki, "ca.crt")}`,
        `--service-account-private-key-file=${join(layout.pki, "sa.key")}`,
        "--use-service-account-credentials=true",
        `--cluster-signing-cert-file=${join(layout.pki, "ca.crt")}`,
        `--cluster-signing-key-file=${join(layout.pki, "ca.key")}`,
        "--node-monitor-grace-period=20s",
        "--horizontal-pod-autoscaler-sync-period=5s",
      ],
      ready: ["curl", "-fsk", "https://127.0.0.1:10257/healthz"],
      readyWithinSeconds: 60,
    },
    {
      name: "kube-scheduler",
      network: layout.network,
      command: [join(layout.bin, "kube-scheduler"), ...identity("scheduler")],
      ready: ["curl", "-fsk", "https://127.0.0.1:10259/healthz"],
      readyWithinSeconds: 60,
    },
  ];
}
