import type { KubernetesObject } from "@perch/core";
import type { Project } from "../../../src/manifests/project.ts";
import { each, type Fact, get, is, isOfCanary, list, ofKind } from "./fact.ts";

const isCanaryNamespace = ({ metadata }: KubernetesObject): boolean => isOfCanary(metadata?.name);

/** Every canary has one of this kind that is right. */
function inEveryCanary(
  kind: string,
  isRight: (object: KubernetesObject, project: Project, objects: readonly KubernetesObject[]) => boolean,
): Fact["violations"] {
  return (objects, project) =>
    ofKind(objects, "Namespace")
      .filter(isCanaryNamespace)
      .flatMap(({ metadata }) => {
        const own = ofKind(objects, kind).filter((one) => one.metadata?.namespace === metadata?.name);
        const right = own.some((one) => isRight(one, project, objects));
        return right ? [] : [`${kind} of ${metadata?.name}`];
      });
}

const named = (namespace: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});
const CALLERS = { namespaceSelector: { matchLabels: { "perch.dev/calls-canaries": "true" } } };
const CANARIES = { namespaceSelector: { matchLabels: { "perch.dev/canary": "true" } } };

function holds(value: unknown, path: readonly (string | number)[], wanted: readonly object[]): boolean {
  const items = list(value, ...path).map((one) => JSON.stringify(one));
  return wanted.every((one) => items.includes(JSON.stringify(one)));
}

/** What holds a canary in its place. */
export const LIMIT_FACTS: readonly Fact[] = [
  {
    claim:
      "a canary's Namespace is an object of its own, with the label that policies select and Pod Security restricted",
    violations: (objects, project) => {
      const namespaces = ofKind(objects, "Namespace").filter(isCanaryNamespace);
      const wanted = new Set(
        objects.flatMap(({ metadata }) => (isOfCanary(metadata?.namespace) ? [metadata?.namespace] : [])),
      );
      const missing = [...wanted].filter(
        (name) => !namespaces.some(({ metadata }) => metadata?.name === name),
      );
      const wrong = each(["Namespace"], (one) => {
        const { labels = {} } = one.metadata ?? {};
        return (
          !isCanaryNamespace(one) ||
          (labels["perch.dev/canary"] === "true" &&
            labels["pod-security.kubernetes.io/enforce"] === "restricted" &&
            labels["pod-security.kubernetes.io/enforce-version"] !== undefined &&
            labels["pod-security.kubernetes.io/warn"] === "restricted")
        );
      });
      return [...missing.map(String), ...wrong(objects, project)];
    },
    mistakes: [
      [
        /"kind":"Namespace","metadata":\{"name":"api-canary-pr-7"/,
        '"kind":"Namespace","metadata":{"name":"other"',
      ],
      [/"perch\.dev\/canary":"true","pod-security/, '"pod-security'],
      [
        /"pod-security\.kubernetes\.io\/enforce":"restricted"/,
        '"pod-security.kubernetes.io/enforce":"baseline"',
      ],
      [/,"pod-security\.kubernetes\.io\/warn":"restricted"/, ""],
    ],
  },
  {
    claim: "with Linkerd the pods of stable, of canaries and of the edge are meshed; without a mesh none are",
    violations: each(
      ["Namespace"],
      ({ metadata }, _, { mesh }) =>
        (metadata?.annotations?.["linkerd.io/inject"] === "enabled") === (mesh === "linkerd"),
    ),
    mistakes: [[/"linkerd\.io\/inject":"enabled"/, '"linkerd.io/inject":"disabled"']],
  },
  {
    claim:
      "a canary may use its quota, no more, with room for a rolling update; no ports of nodes, no load balancers, one budget",
    violations: inEveryCanary("ResourceQuota", (quota, { canary }) => {
      const hard = get(quota, "spec", "hard") as Record<string, string>;
      const { cpu, memory } = canary.quota;
      return (
        hard["requests.cpu"] === cpu &&
        hard["requests.memory"] === memory &&
        hard["limits.memory"] === memory &&
        hard["limits.ephemeral-storage"] !== undefined &&
        Number(hard.pods) > canary.maxReplicas &&
        Number(hard.pods) <= 2 * canary.maxReplicas + 2 &&
        hard["services.nodeports"] === "0" &&
        hard["services.loadbalancers"] === "0" &&
        hard["count/configmaps"] !== undefined &&
        hard["count/poddisruptionbudgets.policy"] === "1"
      );
    }),
    mistakes: [
      [/"requests\.cpu":"2"/, '"requests.cpu":"20"'],
      [/"limits\.memory":"2Gi",/, ""],
      [/"limits\.ephemeral-storage":"24Gi",/, ""],
      [/,"count\/poddisruptionbudgets\.policy":"1"/, ""],
      [/,"count\/poddisruptionbudgets\.policy":"1"/, ',"count/poddisruptionbudgets.policy":"2"'],
      [/"services\.nodeports":"0",/, ""],
      [/"services\.loadbalancers":"0"/, '"services.loadbalancers":"1"'],
      [/"pods":"6"/, '"pods":"2"'],
    ],
  },
  {
    claim: "a container that requests nothing gets requests and a limit, or the quota would refuse it",
    violations: inEveryCanary("LimitRange", (range) =>
      list(range, "spec", "limits").some(
        (limit) =>
          limit.type === "Container" &&
          get(limit, "default", "memory") !== undefined &&
          get(limit, "default", "ephemeral-storage") !== undefined &&
          get(limit, "defaultRequest", "cpu") !== undefined &&
          get(limit, "defaultRequest", "memory") !== undefined,
      ),
    ),
    mistakes: [
      [/"default":\{"ephemeral-storage":"1Gi",/, '"default":{'],
      [/"defaultRequest":\{"cpu":"50m",/, '"defaultRequest":{'],
      [/"kind":"LimitRange"/, '"kind":"Nothing"'],
    ],
  },
  {
    claim:
      "a canary is called by the edge, stable, canaries, monitoring and what a team labels, on every port, the mesh's included",
    violations: inEveryCanary(
      "NetworkPolicy",
      (policy, { cluster }) =>
        is(policy, "spec.podSelector", {}) &&
        is(policy, "spec.policyTypes", ["Ingress", "Egress"]) &&
        holds(
          policy,
          ["spec", "ingress", 0, "from"],
          [named("traefik"), named(cluster.namespace), CANARIES, named("monitoring"), CALLERS],
        ) &&
        list(policy, "spec", "ingress", 0, "from").length === 5 &&
        get(policy, "spec", "ingress", 0, "ports") === undefined,
    ),
    mistakes: [
      [
        /"from":\[\{"namespaceSelector":\{"matchLabels":\{"kubernetes\.io\/metadata\.name":"traefik"\}\}\},/,
        '"from":[',
      ],
      [/"from":\[/, '"from":[{"namespaceSelector":{}},'],
      [/"policyTypes":\["Ingress","Egress"\]/, '"policyTypes":["Ingress"]'],
    ],
  },
  {
    claim: "a canary calls DNS, stable, canaries, the mesh and the configured ranges, and nothing else",
    violations: inEveryCanary("NetworkPolicy", (policy, { cluster, mesh }) => {
      const ranges = cluster.egress.map((cidr) => ({ ipBlock: { cidr } }));
      const control = mesh === "linkerd" ? [named("linkerd")] : [];
      const others = [named(cluster.namespace), CANARIES, ...control, ...ranges];
      return (
        is(policy, "spec.egress.0.ports", [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ]) &&
        holds(policy, ["spec", "egress", 1, "to"], others) &&
        list(policy, "spec", "egress", 1, "to").length === others.length &&
        list(policy, "spec", "egress").length === 2
      );
    }),
    mistakes: [
      [/,\{"ipBlock":\{"cidr":"[^"]+"\}\}/, ""],
      [/\{"protocol":"UDP","port":53\},/, ""],
      [/,\{"namespaceSelector":\{"matchLabels":\{"kubernetes\.io\/metadata\.name":"linkerd"\}\}\}/, ""],
      [/"egress":\[/, '"egress":[{},'],
    ],
  },
];
