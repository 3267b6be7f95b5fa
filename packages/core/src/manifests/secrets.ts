import type { ServiceConfig } from "../config/types.ts";
import { secretName } from "./names.ts";
import type { Described, KubernetesObject } from "./object.ts";
import type { Project } from "./project.ts";

/** Namespace of the Secrets, and the ClusterSecretStore that they come from. */
export interface SecretPlace {
  readonly namespace: string;
  readonly store: string;
}

/** What a service's pods read from the secret store, if perch.yaml names any. */
export function serviceSecrets(service: ServiceConfig, place: SecretPlace): Described[] {
  if (service.secrets.size === 0) return [];
  const data = [...service.secrets].map(([secretKey, key]) => ({ secretKey, remoteRef: remoteRef(key) }));
  return [
    {
      object: externalSecret(secretName(service.name), place, { data }),
      why: `Its variables, from the store ${place.store}.`,
    },
  ];
}

/** The registry's credentials, if perch.yaml names any; once a namespace. */
export function pullSecrets({ cluster }: Project, place: SecretPlace): Described[] {
  const name = cluster.imagePullSecret;
  if (name === undefined) return [];
  const secretKey = ".dockerconfigjson";
  const object = externalSecret(name, place, {
    target: {
      template: { engineVersion: "v2", mergePolicy: "Replace", type: "kubernetes.io/dockerconfigjson" },
    },
    data: [{ secretKey, remoteRef: remoteRef(name) }],
  });
  return [{ object, why: "The registry's credentials." }];
}

/** With the defaults that the API server would add, so that Argo CD sees no difference. */
export function externalSecret(
  name: string,
  { namespace, store }: SecretPlace,
  { target = {}, data }: { target?: object; data: readonly object[] },
): KubernetesObject {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name, namespace },
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: store },
      target: { name, creationPolicy: "Owner", deletionPolicy: "Retain", ...target },
      data,
    },
  };
}

/** One key of the store, with the same defaults. */
export function remoteRef(key: string): object {
  return { key, conversionStrategy: "Default", decodingStrategy: "None", metadataPolicy: "None" };
}
