import type { KubernetesObject } from "@perch/core";
import { baseFiles } from "../../../src/manifests/base/index.ts";
import { canaryObjects } from "../../../src/manifests/canary/index.ts";
import { canaryIdentity } from "../../../src/manifests/canary-identity.ts";
import { edgeTraefik } from "../../../src/manifests/platform/edge-traefik.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { stableFiles } from "../../../src/manifests/stable/index.ts";
import { objectsOf } from "../support.ts";
import { LIMIT_FACTS } from "./canary-limits.ts";
import { CANARY_FACTS } from "./canary-objects.ts";
import type { Fact } from "./fact.ts";
import { LINKERD_FACTS } from "./linkerd.ts";
import { POD_FACTS } from "./pods.ts";
import { ROUTER_FACTS } from "./router.ts";
import { CANARY_ROUTE_FACTS } from "./traefik-canaries.ts";
import { PARENT_FACTS } from "./traefik-parents.ts";
import { RULE_FACTS } from "./traefik-rules.ts";

/** What the components' behaviour asks of rendered objects, by what it is about. */
export const FACTS: Readonly<Record<string, readonly Fact[]>> = {
  "pods of services": POD_FACTS,
  "rules of Traefik": RULE_FACTS,
  "parents of canaries": PARENT_FACTS,
  "routes of a canary": CANARY_ROUTE_FACTS,
  "Traefik itself": ROUTER_FACTS,
  "Linkerd's routes": LINKERD_FACTS,
  "limits of a canary": LIMIT_FACTS,
  "objects of a canary": CANARY_FACTS,
};

/** All that a cluster has of a project with some canaries of each service: bases in stable's namespace, overlays as they are. */
export function clusterObjects(project: Project, prs: readonly number[] = [7, 45]): KubernetesObject[] {
  const services = [...project.services.values()];
  const { namespace } = project.cluster;
  const bases = services.flatMap((service) =>
    baseFiles(project, service)
      .flatMap(objectsOf)
      .filter(({ kind }) => kind !== "Kustomization")
      .map((object) => ({ ...object, metadata: { name: "", ...object.metadata, namespace } })),
  );
  const canaries = services.flatMap((service) =>
    prs.flatMap((pr) => canaryObjects(project, service, canaryIdentity(service.name, pr))),
  );
  return [
    ...bases,
    ...stableFiles(project, new Map()).flatMap(objectsOf),
    ...[...edgeTraefik(project), ...canaries].map(({ object }) => object),
  ];
}
