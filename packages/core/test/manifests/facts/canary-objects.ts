import type { KubernetesObject } from "@perch/core";
import { each, type Fact, idOf, is, isOfCanary, ofKind, text } from "./fact.ts";

const isCanaryNamespace = ({ metadata }: KubernetesObject): boolean => isOfCanary(metadata?.name);

/** What else the platform part of a canary has. */
export const CANARY_FACTS: readonly Fact[] = [
  {
    claim:
      "a canary's routes lead to <service>-route, which selects its pods by labels that its pull request cannot choose",
    violations: (objects, project) =>
      ofKind(objects, "Namespace")
        .filter(isCanaryNamespace)
        .flatMap(({ metadata }) => {
          const [, name = "", pr] = /^(.*)-canary-pr-([0-9]+)$/.exec(metadata?.name ?? "") ?? [];
          const [own, ...more] = ofKind(objects, "Service").filter(
            (one) => one.metadata?.namespace === metadata?.name,
          );
          const apex = objects.find(
            (one) =>
              one.kind === "Service" &&
              one.metadata?.name === name &&
              one.metadata.namespace === project.cluster.namespace,
          );
          const isRight =
            more.length === 0 &&
            own?.metadata?.name === `${name}-route` &&
            is(own, "spec.selector", { "perch.dev/service": name, "perch.dev/pr": pr }) &&
            text(own, "spec", "ports") === text(apex, "spec", "ports");
          return isRight ? [] : [String(metadata?.name)];
        }),
    mistakes: [
      [/,"perch\.dev\/pr":"7"\}/, "}"],
      [/"perch\.dev\/pr":"7"/, '"perch.dev/pr":7'],
      [/("name":"api-route"[^[]+\[\{[^}]+"targetPort":)"http"/, '$1"web"'],
    ],
  },
  {
    claim: "secrets come from the canaries' store for canaries, from stable's for stable",
    violations: each(["ExternalSecret"], ({ metadata, spec }, _, { cluster }) => {
      const { canary, stable } = cluster.secretStores;
      const wanted = isOfCanary(metadata?.namespace) ? canary : stable;
      return is(spec, "secretStoreRef", { kind: "ClusterSecretStore", name: wanted });
    }),
    mistakes: [
      [/"kind":"ClusterSecretStore","name":"canary"/, '"kind":"ClusterSecretStore","name":"stable"'],
      [/"kind":"ClusterSecretStore","name":"stable"/, '"kind":"ClusterSecretStore","name":"canary"'],
    ],
  },
  {
    claim:
      "images that need credentials find them with the account of stable and of every canary, the Secret made once a namespace",
    violations: (objects, { cluster, services }) => {
      const secret = cluster.imagePullSecret;
      if (secret === undefined) return [];
      return ofKind(objects, "ServiceAccount").flatMap((account) => {
        const name = account.metadata?.name ?? "";
        if (!services.has(name) && name !== "canary") return [];
        const made = ofKind(objects, "ExternalSecret").filter(
          (one) => one.metadata?.name === secret && one.metadata.namespace === account.metadata?.namespace,
        );
        const isRight = is(account, "imagePullSecrets", [{ name: secret }]) && made.length === 1;
        return isRight ? [] : [`${idOf(account)}: ${made.length}`];
      });
    },
    mistakes: [
      [/,"imagePullSecrets":\[\{"name":"registry-pull"\}\]/, ""],
      [
        /"kind":"ExternalSecret","metadata":\{"name":"registry-pull"/,
        '"kind":"ExternalSecret","metadata":{"name":"other"',
      ],
    ],
  },
  {
    claim: "nothing waits for health before it is pushed or closed: no sync waves, no hooks, no finalizers",
    violations: (objects) =>
      objects
        .filter(
          ({ metadata }) =>
            metadata?.finalizers !== undefined ||
            Object.keys(metadata?.annotations ?? {}).some((name) => name.startsWith("argocd.argoproj.io/")),
        )
        .map(idOf),
    mistakes: [
      [
        /"metadata":\{"name":"canary",/,
        '"metadata":{"annotations":{"argocd.argoproj.io/sync-wave":"1"},"name":"canary",',
      ],
    ],
  },
  {
    claim: "no object is there twice, whatever canaries are open at once",
    violations: (objects) => {
      const ids = objects.filter(({ kind }) => kind !== "Kustomization").map(idOf);
      return ids.filter((id, index) => ids.indexOf(id) !== index);
    },
    mistakes: [[/"name":"api-canary-pr-45-exact"/, '"name":"api-canary-pr-7-exact"']],
  },
];
