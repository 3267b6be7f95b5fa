import {
  apexAddress,
  baseFiles,
  canaryIdentity,
  canaryObjects,
  type KubernetesObject,
  renderManifests,
  routeServiceName,
  type ServiceConfig,
  stableBackend,
} from "@perch/core";
import { parseAllDocuments } from "yaml";
import type { World } from "../../../../conformance/src/index.ts";
import type { Callee } from "../../../../conformance/test/support/backend.ts";
import { CALLER_PORT, type WorldProcessVariant } from "../../../../conformance/test/support/world-process.ts";
import { canaryNamespace, type Place } from "./place.ts";

const FIRST_PORT = 10_000;
const REVISION = "ab12cd34ef56";

/** What serves in a world: each variant that is ready, on a port of its own. */
export function variantsOf(world: World, { project }: Place): WorldProcessVariant[] {
  const identities = [
    ...world.services.map(({ name }) => ({ service: name })),
    ...world.canaries.filter(({ ready }) => ready).map(({ service, pr }) => ({ service, pr })),
  ];
  return identities.map((identity, index) => {
    const own = world.services.find(({ name }) => name === identity.service);
    const callees = world.services.flatMap((callee): Callee[] => {
      const config = project.services.get(callee.name);
      if (config === undefined || !own?.calls.includes(callee.name)) return [];
      return [{ service: callee.name, protocol: callee.protocol, address: apexAddress(project, config) }];
    });
    return {
      identity: { ...identity, revision: REVISION },
      protocol: own?.protocol ?? "http",
      port: FIRST_PORT + index,
      callees,
    };
  });
}

/** Everything that perch renders for the world, but for workloads: one process is all of them. */
export function renderedObjects(world: World, place: Place): KubernetesObject[] {
  const { project } = place;
  const stable = renderManifests(project, new Map())
    .filter(({ path }) => /^manifests\/stable\/[^/]+\/(common|routes)\.yaml$/.test(path))
    .flatMap(({ text }) => documents(text));
  const canaries = world.canaries.flatMap(({ service, pr }) => {
    const config = serviceOf(place, service);
    const identity = { ...canaryIdentity(service, pr), namespace: canaryNamespace(place, service, pr) };
    return canaryObjects(project, config, identity).map(({ object }) => object);
  });
  return [
    ...stable,
    ...[...project.services.values()].flatMap((one) => apexService(place, one)),
    ...canaries,
  ];
}

/** The Service of a base; where the internal router stands behind it, as stable's overlay patches it. */
function apexService({ project, namespace }: Place, service: ServiceConfig): KubernetesObject[] {
  const file = baseFiles(project, service).find(({ path }) => path.endsWith("/service.yaml"));
  const [base] = documents(file?.text ?? "");
  if (base === undefined) return [];
  const object = { ...base, metadata: { name: service.name, namespace } };
  if (stableBackend(project, service) === service.name) return [object];
  const [port] = (base.spec as { ports: object[] }).ports;
  const spec = {
    selector: { "app.kubernetes.io/name": "perch-router" },
    ports: [{ ...port, targetPort: "inside" }],
  };
  return [{ ...object, spec }];
}

/** Leads each Service of a variant that serves to its port of the process. */
export function endpoints(
  place: Place,
  variants: readonly WorldProcessVariant[],
  address: string,
): KubernetesObject[] {
  return variants.map(({ identity: { service, pr }, protocol, port }) => {
    const config = serviceOf(place, service);
    const name = pr === undefined ? stableBackend(place.project, config) : routeServiceName(service);
    return {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-truth`,
        namespace: pr === undefined ? place.namespace : canaryNamespace(place, service, pr),
        labels: { "kubernetes.io/service-name": name },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: protocol, port, protocol: "TCP" }],
    };
  });
}

/** The process, and the way to its caller from outside. */
export function processObjects(
  { namespace, host }: Place,
  variants: readonly WorldProcessVariant[],
  image: string,
): KubernetesObject[] {
  const metadata = { name: "truth", namespace, labels: { app: "truth" } };
  const route = {
    kind: "Rule",
    match: `Host(\`caller.${host}\`)`,
    priority: 1,
    services: [{ name: "truth", port: CALLER_PORT }],
  };
  return [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        containers: [
          {
            name: "truth",
            image,
            imagePullPolicy: "Never",
            env: [{ name: "WORLD", value: JSON.stringify(variants) }],
            readinessProbe: { httpGet: { path: "/", port: CALLER_PORT }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: "truth" }, ports: [{ port: CALLER_PORT }] },
    },
    {
      apiVersion: "traefik.io/v1alpha1",
      kind: "IngressRoute",
      metadata: { name: "truth-caller", namespace },
      spec: { entryPoints: ["web"], routes: [route] },
    },
  ];
}

function serviceOf({ project }: Place, name: string): ServiceConfig {
  const service = project.services.get(name);
  if (service === undefined) throw new RangeError(name);
  return service;
}

function documents(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}
