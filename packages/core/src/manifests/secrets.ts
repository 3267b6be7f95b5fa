import type { ServiceConfig } from "../config/types.ts";
import { secretName } from "./names.ts";
import type { Described, KubernetesObject } from "./object.ts";
import type { Project } from "./project.ts";

/** What a service's pods read from the secret store, and the registry's credentials, if perch.yaml names any. */
export function externalSecrets(
  { cluster }: Project,
  service: ServiceConfig,
  place: { readonly namespace: string; readonly store: string },
): Described[] {
  const secrets: Described[] = [];
  if (service.secrets.size > 0) {
    const data = [...service.secrets].map(([secretKey, key]) => ({ secretKey, remoteRef: remoteRef(key) }));
    secrets.push({
      object: externalSecret(secretName(service.name), place, { data }),
      why: `Its variables, from the store ${place.store}.`,
    });
  }
  if (cluster.imagePullSecret !== undefined) {
    secrets.push({ object: pullSecret(cluster.imagePullSecret, place), why: "The registry's credentials." });
  }
  return secrets;
}

function pullSecret(name: string, place: { namespace: string; store: string }): KubernetesObject {
  const key = ".dockerconfigjson";
  return externalSecret(name, place, {
    target: {
      template: { engineVersion: "v2", mergePolicy: "Replace", type: "kubernetes.io/dockerconfigjson" },
    },
    data: [{ secretKey: key, remoteRef: remoteRef(name) }],
  });
}

/** With the defaults that the API server would add, so that Argo CD sees no difference. */
function externalSecret(
  name: string,
  { namespace, store }: { namespace: string; store: string },
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

function remoteRef(key: string): object {
  return { key, conversionStrategy: "Default", decodingStrategy: "None", metadataPolicy: "None" };
}
