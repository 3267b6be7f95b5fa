import { edgeSharedObjects } from "../edge/traefik/index.ts";
import { meshOf } from "../mesh/mesh.ts";
import { UNAVAILABLE } from "../names.ts";
import type { Described } from "../object.ts";
import { isCalled, type Project } from "../project.ts";

/** What stable has once, whatever services there are. */
export function commonObjects(project: Project): Described[] {
  const { namespace } = project.cluster;
  const mesh = meshOf(project);
  const isAnyCalled = [...project.services.values()].some((service) => isCalled(project, service));
  return [
    {
      object: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, ...annotations(mesh.namespaceAnnotations) },
      },
    },
    {
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: UNAVAILABLE, namespace },
        spec: { ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 80 }] },
      },
      why: "503 for a canary whose Service or Namespace is gone: guards point here. No selector, so no endpoints, ever.",
    },
    ...edgeSharedObjects(project),
    ...(isAnyCalled ? mesh.sharedObjects(project) : []),
  ];
}

function annotations(values: Readonly<Record<string, string>>): { annotations?: Record<string, string> } {
  return Object.keys(values).length === 0 ? {} : { annotations: { ...values } };
}
