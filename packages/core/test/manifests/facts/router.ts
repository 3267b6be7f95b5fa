import type { KubernetesObject } from "@perch/core";
import { ROUTER, SERVICE_LABEL, stableService } from "../../../src/manifests/names.ts";
import { isCalled } from "../../../src/manifests/project.ts";
import { containers, each, type Fact, find, get, is, isOfCanary, isTraefik, list, ofKind } from "./fact.ts";
import { eachRule, rulesOf } from "./routes.ts";

const isRouter = ({ metadata }: KubernetesObject): boolean => metadata?.name === ROUTER;
const argsOf = (deployment: KubernetesObject): string[] =>
  containers(deployment).flatMap(({ args }) => (Array.isArray(args) ? args.map(String) : []));

const hasArgs = (deployment: KubernetesObject, wanted: readonly string[]): boolean => {
  const args = argsOf(deployment);
  return wanted.every((one) => args.some((arg) => arg.startsWith("--") && arg.endsWith(one)));
};

const TRAEFIK_ARGS = ["kubernetescrd.allowcrossnamespace=true", "kubernetescrd.allowemptyservices=true"];
const ROUTER_ARGS = [
  "transport.respondingtimeouts.readtimeout=0s",
  "transport.lifecycle.requestacceptgracetimeout=5s",
  "transport.lifecycle.gracetimeout=30s",
];
/** Another project of the cluster has a router of its own, and routes of its own class. */
const classOf = ({ metadata }: KubernetesObject): string => `${ROUTER}-${metadata?.namespace}`;

/** Every Traefik, and the internal router of `mesh: none`. */
export const ROUTER_FACTS: readonly Fact[] = [
  {
    claim: "a Traefik takes Services of other namespaces and answers 503 for those without endpoints",
    violations: each(["Deployment"], (one) => !isTraefik(one) || hasArgs(one, TRAEFIK_ARGS)),
    mistakes: TRAEFIK_ARGS.map(
      (arg) => [new RegExp(`${arg.replaceAll(".", "\\.").replace("true", "")}true`, "g"), "x"] as const,
    ),
  },
  {
    claim: "a Traefik is of the version on which the routes were measured",
    violations: each(
      ["Deployment"],
      (one) =>
        !isTraefik(one) || containers(one).every(({ image }) => String(image).endsWith("/traefik:v3.7.13")),
    ),
    mistakes: [[/traefik:v3\.7\.13/, "traefik:latest"]],
  },
  {
    claim: "a Traefik may read ConfigMaps: without it answers 404 to all while it says that it is ready",
    violations: each(["Deployment"], (one, objects) => {
      if (!isTraefik(one)) return true;
      const account = get(one, "spec", "template", "spec", "serviceAccountName");
      const bindings = ofKind(objects, "ClusterRoleBinding").filter((binding) =>
        is(binding, "subjects", [
          { kind: "ServiceAccount", name: account, namespace: one.metadata?.namespace },
        ]),
      );
      const roles = bindings.map((binding) =>
        find(objects, "ClusterRole", undefined, get(binding, "roleRef", "name")),
      );
      const resources = roles.flatMap((role) => list(role, "rules").flatMap((rule) => rule.resources));
      return ["services", "secrets", "configmaps", "endpointslices"].every((name) =>
        resources.includes(name),
      );
    }),
    mistakes: [
      [/,"configmaps"/, ""],
      [/"kind":"ClusterRoleBinding"/, '"kind":"Nothing"'],
    ],
  },
  {
    claim:
      "the internal router cuts no stream at 60 s, goes on accepting after SIGTERM, and reads its own class only",
    violations: each(["Deployment"], (one) => {
      const grace = Number(get(one, "spec", "template", "spec", "terminationGracePeriodSeconds"));
      return (
        !isRouter(one) ||
        (hasArgs(one, [...ROUTER_ARGS, `kubernetescrd.ingressclass=${classOf(one)}`]) && grace > 35)
      );
    }),
    mistakes: [
      [/inside\.transport\.respondingtimeouts\.readtimeout=0s/, "x"],
      [/inside\.transport\.lifecycle\.requestacceptgracetimeout=5s/, "x"],
      [/"--entrypoints\.inside\.transport\.lifecycle\.gracetimeout=30s",/, ""],
      [/ingressclass=perch-router-apps/, "ingressclass=perch-router"],
      [/("serviceAccountName":"perch-router","terminationGracePeriodSeconds":)45/, "$130"],
    ],
  },
  {
    claim: "the internal router runs twice, rolls one by one, and loses one at a time to drains",
    violations: each(["Deployment"], (one, objects) => {
      const budget = find(objects, "PodDisruptionBudget", one.metadata?.namespace, ROUTER);
      return (
        !isRouter(one) ||
        (Number(get(one, "spec", "replicas")) >= 2 &&
          is(one, "spec.strategy.rollingUpdate", { maxUnavailable: 0, maxSurge: 1 }) &&
          is(budget, "spec.maxUnavailable", 1) &&
          is(budget, "spec.selector", get(one, "spec", "selector")))
      );
    }),
    mistakes: [
      [/"replicas":2,"revisionHistoryLimit"/, '"replicas":1,"revisionHistoryLimit"'],
      [/("name":"perch-router"[^;]*?"maxUnavailable":)0,"maxSurge":1/, "$11"],
      [
        /"kind":"PodDisruptionBudget","metadata":\{"name":"perch-router"/,
        '"kind":"PodDisruptionBudget","metadata":{"name":"x"',
      ],
    ],
  },
  {
    claim:
      "the internal router is ready once routes are loaded: its probe goes through one, to ping@internal",
    violations: each(["Deployment"], (one, objects) => {
      if (!isRouter(one)) return true;
      const probe = get(containers(one)[0], "readinessProbe", "httpGet");
      const host = list(probe, "httpHeaders").find(({ name }) => name === "Host")?.value;
      return rulesOf(objects).some(
        ({ match, target, spec }) =>
          spec.ingressClassName === classOf(one) &&
          target?.kind === "TraefikService" &&
          target.name === "ping@internal" &&
          match === `Host(\`${host}\`) && Path(\`${get(probe, "path")}\`)`,
      );
    }),
    mistakes: [
      [/"path":"\/perch-ready","port":"inside"/, '"path":"/ping","port":"inside"'],
      [/("name":"perch-router-ready"[^;]*?)"kind":"TraefikService",/, "$1"],
    ],
  },
  {
    claim: "the internal router dials gRPC as h2c, guards included, and notices a pod that is gone by pings",
    violations: (objects, project) =>
      eachRule(objects, ({ object, spec, target }) => {
        if (
          spec.ingressClassName !== classOf(object) ||
          target === undefined ||
          target.kind === "TraefikService"
        )
          return true;
        const { name = "", namespace = "" } = object.metadata ?? {};
        const service = project.services.get(/^(.*)-inside-/.exec(name)?.[1] ?? "");
        const transport = isOfCanary(target.namespace) ? `${namespace}-${ROUTER}@kubernetescrd` : ROUTER;
        const isGuard = target.name === "perch-unavailable";
        const scheme = service?.protocol === "grpc" ? "h2c" : undefined;
        return target.scheme === scheme && (isGuard || target.serversTransport === transport);
      }),
    mistakes: [
      [/"scheme":"h2c","name":"store-route"/, '"name":"store-route"'],
      [/"port":80,"scheme":"h2c"/, '"port":80'],
      [/"serversTransport":"apps-perch-router@kubernetescrd"/, '"serversTransport":"perch-router"'],
    ],
  },
  {
    claim:
      "without a mesh an apex Service keeps its port and selects the router; <service>-stable selects stable's pods",
    violations: (objects, project) =>
      [...project.services.values()].flatMap((service) => {
        if (project.mesh === "linkerd" || !isCalled(project, service)) return [];
        const { namespace } = project.cluster;
        const router = find(objects, "Deployment", namespace, ROUTER);
        const apex = find(objects, "Service", namespace, service.name);
        const overlay = ofKind(objects, "Kustomization").find((one) =>
          is(one, "images.0.name", service.name),
        );
        const patch = list(overlay, "patches").find((one) => is(one, "target.kind", "Service"));
        const operations: unknown = JSON.parse(String(patch?.patch ?? "[]"));
        const ports = list(apex, "spec", "ports").map((port) => ({ ...port, targetPort: "inside" }));
        const isPatched =
          JSON.stringify(operations) ===
          JSON.stringify([
            { op: "replace", path: "/spec/selector", value: get(router, "spec", "selector", "matchLabels") },
            {
              op: "replace",
              path: "/spec/ports",
              value: ports.map((port) => ({ ...port, targetPort: "inside" })),
            },
          ]);
        const stable = find(objects, "Service", namespace, stableService(service.name));
        const labels = { [SERVICE_LABEL]: service.name };
        const isStable =
          is(stable, "spec.selector", labels) &&
          is(overlay, "labels", [{ pairs: labels, includeTemplates: true }]) &&
          is(stable, "spec.ports.0.port", service.port);
        return isPatched && isStable ? [] : [service.name];
      }),
    mistakes: [
      [
        /\{\\"op\\":\\"replace\\",\\"path\\":\\"\/spec\/selector\\"/,
        '{\\"op\\":\\"replace\\",\\"path\\":\\"/spec/x\\"',
      ],
      [
        /"name":"store-stable","namespace":"apps"\},"spec":\{"selector":\{"perch\.dev\/service"/,
        '"name":"store-stable","namespace":"apps"},"spec":{"selector":{"app"',
      ],
      [/"includeTemplates":true(?=.*"perch-router")/g, '"includeTemplates":false'],
    ],
  },
];
