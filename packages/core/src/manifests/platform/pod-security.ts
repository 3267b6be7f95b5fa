import { celList, type NamedExpression, type Validation } from "./policy.ts";

// Pod Security's level `restricted`, in its newest version, for what makes pods: the Namespace's label refuses the pods alone, so that a
// Deployment which breaks it syncs, has none, and nobody says why.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
// Where a newer Kubernetes takes more of pods with `hostUsers: false`, this does not. Volumes and probes have stricter rules of perch's own.

const ALL_CONTAINERS = ["containers", "?initContainers.orValue([])", "?ephemeralContainers.orValue([])"];

/** Of every container, mapped one kind at a time: an ephemeral one is of another type. */
function ofContainers(expression: string): string {
  return ALL_CONTAINERS.map((kind) => `variables.pod.${kind}.map(c, ${expression})`).join(" + ");
}

/** Variables of the rules, beside `pod` and `meta`. */
export const POD_SECURITY_VARIABLES: readonly NamedExpression[] = [
  { name: "contexts", expression: ofContainers("c.?securityContext") },
  { name: "ports", expression: ofContainers("c.?ports.orValue([])") },
  { name: "isWindows", expression: "variables.pod.?os.?name.orValue('') == 'windows'" },
];

/** Of the pod's own context, which has other fields and so is of another type, and of every container's. */
function everywhere(expression: string): string {
  return `[variables.pod.?securityContext].all(c, ${expression}) && variables.contexts.all(c, ${expression})`;
}

/** Of seccomp and of AppArmor. */
const PROFILES = celList(["RuntimeDefault", "Localhost"]);
const SELINUX = celList(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);
const APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

/** Those that change the pod's own namespaces and nothing of its node. */
const SYSCTLS = celList([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

/** Those that an author is most likely to meet come first: of several, a refusal names one. */
export const POD_SECURITY_RULES: readonly Validation[] = [
  {
    expression: "variables.contexts.all(c, !c.?privileged.orValue(false))",
    message: "no container of a canary is privileged",
  },
  {
    expression:
      "variables.isWindows || variables.contexts.all(c, !c.?allowPrivilegeEscalation.orValue(true))",
    message: "containers of a canary set allowPrivilegeEscalation: false",
  },
  {
    expression:
      "variables.isWindows || variables.contexts.all(c, 'ALL' in c.?capabilities.?drop.orValue([]) && c.?capabilities.?add.orValue([]).all(a, a == 'NET_BIND_SERVICE'))",
    message: "containers of a canary drop ALL capabilities, and add NET_BIND_SERVICE at most",
  },
  {
    expression:
      "variables.pod.?securityContext.?runAsNonRoot.orValue(true) && variables.contexts.all(c, c.?runAsNonRoot.orValue(variables.pod.?securityContext.?runAsNonRoot.orValue(false)))",
    message: "a canary, or each of its containers, sets runAsNonRoot: true",
  },
  {
    expression: everywhere("c.?runAsUser.orValue(1) != 0"),
    message: "a canary does not run as root (runAsUser: 0)",
  },
  {
    expression: `variables.isWindows || (variables.pod.?securityContext.?seccompProfile.?type.orValue('RuntimeDefault') in ${PROFILES} && variables.contexts.all(c, c.?seccompProfile.?type.orValue(variables.pod.?securityContext.?seccompProfile.?type.orValue('')) in ${PROFILES}))`,
    message: "a canary, or each of its containers, sets seccompProfile: {type: RuntimeDefault}, or Localhost",
  },
  {
    expression:
      "!variables.pod.?hostNetwork.orValue(false) && !variables.pod.?hostPID.orValue(false) && !variables.pod.?hostIPC.orValue(false)",
    message: "a canary shares no namespace of its node (hostNetwork, hostPID, hostIPC)",
  },
  {
    expression: "variables.ports.all(ports, ports.all(p, p.?hostPort.orValue(0) == 0))",
    message: "a canary takes no port of its node (hostPort)",
  },
  {
    expression: everywhere("!c.?windowsOptions.?hostProcess.orValue(false)"),
    message: "a canary is no process of its node (windowsOptions.hostProcess)",
  },
  {
    expression: `${everywhere(`c.?appArmorProfile.?type.orValue('RuntimeDefault') in ${PROFILES}`)} && variables.meta.?annotations.orValue({}).all(a, !a.startsWith('${APPARMOR}') || variables.meta.annotations[a] in ['', 'runtime/default'] || variables.meta.annotations[a].startsWith('localhost/'))`,
    message: "a canary does not leave AppArmor's profile (appArmorProfile)",
  },
  {
    expression: everywhere(
      `c.?seLinuxOptions.?type.orValue('') in ${SELINUX} && c.?seLinuxOptions.?user.orValue('') == '' && c.?seLinuxOptions.?role.orValue('') == ''`,
    ),
    message: "a canary has a container's type in SELinux, and no user or role of its own (seLinuxOptions)",
  },
  {
    expression: "variables.contexts.all(c, c.?procMount.orValue('Default') == 'Default')",
    message: "containers of a canary have the default procMount",
  },
  {
    expression: `variables.pod.?securityContext.?sysctls.orValue([]).all(s, s.name in ${SYSCTLS})`,
    message: "a canary sets no sysctls but those that are safe for its node",
  },
];
