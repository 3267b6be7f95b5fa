import { REGISTRY } from "./environment.ts";

/** One way to break Pod Security's level `restricted`, and the words by which the sync is refused. */
interface Breach {
  readonly says: string;
  /** Replace fields of what is well: of the pod, of its security context, of the container, of the container's. */
  readonly pod?: object;
  readonly podContext?: object;
  readonly container?: object;
  readonly context?: object;
}

const INIT = { name: "first", image: `${REGISTRY}/api:main` };

/** All but `windowsOptions.hostProcess`, which the API server itself refuses without `hostNetwork`. */
export const BREACHES: readonly Breach[] = [
  { says: "privileged", context: { privileged: true, allowPrivilegeEscalation: undefined } },
  { says: "allowPrivilegeEscalation", context: { allowPrivilegeEscalation: true } },
  { says: "allowPrivilegeEscalation", context: { allowPrivilegeEscalation: undefined } },
  { says: "allowPrivilegeEscalation", pod: { initContainers: [INIT] } },
  { says: "capabilities", context: { capabilities: { drop: ["NET_RAW"] } } },
  { says: "capabilities", context: { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } } },
  { says: "runAsNonRoot", podContext: { runAsNonRoot: undefined } },
  { says: "runAsNonRoot", podContext: { runAsNonRoot: false }, context: { runAsNonRoot: true } },
  { says: "runAsNonRoot", context: { runAsNonRoot: false } },
  { says: "runAsUser", podContext: { runAsUser: 0 } },
  { says: "runAsUser", context: { runAsUser: 0 } },
  { says: "seccompProfile", podContext: { seccompProfile: undefined } },
  { says: "seccompProfile", podContext: { seccompProfile: { type: "Unconfined" } } },
  { says: "seccompProfile", context: { seccompProfile: { type: "Unconfined" } } },
  { says: "hostNetwork", pod: { hostNetwork: true } },
  { says: "hostPID", pod: { hostPID: true } },
  { says: "hostIPC", pod: { hostIPC: true } },
  { says: "hostPort", container: { ports: [{ containerPort: 8080, hostPort: 8080 }] } },
  { says: "appArmorProfile", podContext: { appArmorProfile: { type: "Unconfined" } } },
  { says: "appArmorProfile", context: { appArmorProfile: { type: "Unconfined" } } },
  { says: "seLinuxOptions", podContext: { seLinuxOptions: { type: "spc_t" } } },
  { says: "seLinuxOptions", context: { seLinuxOptions: { user: "root" } } },
  { says: "procMount", pod: { hostUsers: false }, context: { procMount: "Unmasked" } },
  { says: "sysctls", podContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } },
  { says: "volumes", pod: { volumes: [{ name: "host", hostPath: { path: "/" } }] } },
];

/** What `restricted` takes although perch's own bases do it otherwise. */
export const WELL: readonly Omit<Breach, "says">[] = [
  {},
  { podContext: { runAsNonRoot: undefined }, context: { runAsNonRoot: true } },
  {
    podContext: { seccompProfile: undefined },
    context: { seccompProfile: { type: "Localhost", localhostProfile: "a.json" } },
  },
  { context: { capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } } },
  { podContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] } },
];

/** A Deployment that is well but for this. */
export function deploymentWith({ pod, podContext, container, context }: Omit<Breach, "says">): string {
  const labels = { app: "pod-security" };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, ...context };
  const spec = {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...podContext },
    containers: [{ name: "api", image: `${REGISTRY}/api:main`, securityContext, ...container }],
    ...pod,
  };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "pod-security" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}
