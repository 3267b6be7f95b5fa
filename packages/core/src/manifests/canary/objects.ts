import type { ServiceConfig } from "../../config/types.ts";
import type { CanaryIdentity } from "../canary-identity.ts";
import { edgeCanaryObjects } from "../edge/traefik/index.ts";
import { meshOf } from "../mesh/mesh.ts";
import { CANARY_SERVICE_ACCOUNT, PR_LABEL, routeService, SERVICE_LABEL } from "../names.ts";
import type { Described } from "../object.ts";
import { isCalled, type Project } from "../project.ts";
import { pullSecrets, serviceSecrets } from "../secrets.ts";
import { servicePort } from "../service-port.ts";
import { canaryNamespace, limitRange, resourceQuota } from "./limits.ts";
import { networkPolicy } from "./network-policy.ts";
import { restartRights } from "./restart-rights.ts";

/**
 * The platform part of a canary: everything that its pull request must not be able to change. With the identity of a
 * real canary this is what the cluster gets.
 */
export function canaryObjects(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described[] {
  return [...placeObjects(project, service, pr), ...routeObjects(project, service, pr)];
}

/** What is in its Namespace, the Namespace first. */
export function placeObjects(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described[] {
  const { namespace } = pr;
  const place = { namespace, store: project.cluster.secretStores.canary };
  return [
    canaryNamespace(project, pr),
    resourceQuota(project, pr),
    limitRange(pr),
    networkPolicy(project, pr),
    serviceAccount(project, pr),
    ...serviceSecrets(service, place),
    ...pullSecrets(project, place),
    ...restartRights(project, pr),
    routedService(service, pr),
  ];
}

/** What routes requests to it; beside stable, but for what a mesh wants in its Namespace. */
export function routeObjects(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described[] {
  const inside = isCalled(project, service) ? meshOf(project).canaryObjects(project, service, pr) : [];
  return [...edgeCanaryObjects(project, service, pr), ...inside];
}

function serviceAccount({ cluster }: Project, { namespace }: CanaryIdentity): Described {
  const secret = cluster.imagePullSecret;
  return {
    object: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: CANARY_SERVICE_ACCOUNT, namespace },
      automountServiceAccountToken: false,
      ...(secret !== undefined && { imagePullSecrets: [{ name: secret }] }),
    },
  };
}

function routedService(service: ServiceConfig, { namespace, number }: CanaryIdentity): Described {
  return {
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: routeService(service.name), namespace },
      spec: {
        selector: { [SERVICE_LABEL]: service.name, [PR_LABEL]: number },
        ports: [servicePort(service)],
      },
    },
    why: `The only Service that routes point at. It exists also when the pull request's own manifests do not build, so that a
tagged request gets an error and never stable. Its selector is labels that the ApplicationSet puts on the pods.`,
  };
}
