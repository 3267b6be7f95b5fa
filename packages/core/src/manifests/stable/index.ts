import type { ServiceConfig } from "../../config/types.ts";
import { routeObjects } from "../canary/objects.ts";
import { PLACEHOLDER } from "../canary-identity.ts";
import { edgeServiceObjects } from "../edge/traefik/index.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import { meshOf } from "../mesh/mesh.ts";
import type { Described } from "../object.ts";
import { isCalled, type Project } from "../project.ts";
import { pullSecrets, serviceSecrets } from "../secrets.ts";
import { refuseCollisions, thingOf } from "./collisions.ts";
import { commonObjects } from "./common.ts";
import { overlay } from "./overlay.ts";

/** Image tags of stable by service; what promotion bumps. */
export type StableTags = ReadonlyMap<string, string>;

/** The tag before the first promotion. */
const FIRST_TAG = "main";

/** Folder of what stable has once for the project. */
export const STABLE_COMMON = "manifests/stable/common";

export function stableFolder(service: string): string {
  return `manifests/stable/${service}`;
}

/**
 * Overlays of stable: a folder for each service, and one for what they share.
 * @throws PerchError CONFIG_INVALID when names of services make the same name of an object
 */
export function stableFiles(project: Project, tags: StableTags): ManifestFile[] {
  const services = [...project.services.values()];
  const common = commonObjects(project);
  const parts = services.map((service) => stablePart(project, service));
  refuseCollisions([
    {
      owner: "what stable has once",
      things: [folderOf(STABLE_COMMON), ...common.map(({ object }) => thingOf(object))],
    },
    ...parts.map((part) => ({ owner: `services.${part.service.name}`, things: thingsOf(project, part) })),
  ]);
  return [
    kustomizationFile(STABLE_COMMON, { resources: ["common.yaml"] }),
    manifestFile(
      `${STABLE_COMMON}/common.yaml`,
      common,
      "What stable has once, whatever services there are.",
    ),
    ...parts.flatMap((part) => serviceFiles(project, part, tags.get(part.service.name) ?? FIRST_TAG)),
  ];
}

/** What a service has in stable's namespace, beside what its own base has. */
interface StablePart {
  readonly service: ServiceConfig;
  readonly account: readonly Described[];
  readonly routes: readonly Described[];
}

function stablePart(project: Project, service: ServiceConfig): StablePart {
  const inside = isCalled(project, service) ? meshOf(project).serviceObjects(project, service) : [];
  const routes = [...edgeServiceObjects(project, service), ...inside];
  return { service, account: account(project, service), routes };
}

/** What a service has beside others: its base's own and a canary's routes, which are in that namespace too. */
function thingsOf(project: Project, { service, account, routes }: StablePart): string[] {
  const { namespace } = project.cluster;
  const base = ["Deployment", "Service"].map((kind) => ({
    apiVersion: "",
    kind,
    metadata: { name: service.name, namespace },
  }));
  const ofCanary = routeObjects(project, service, PLACEHOLDER);
  const objects = [...account, ...routes, ...ofCanary].map(({ object }) => object);
  const here = objects.filter(({ metadata }) => metadata?.namespace === namespace);
  return [folderOf(stableFolder(service.name)), ...[...base, ...here].map(thingOf)];
}

function folderOf(path: string): string {
  return `folder ${path}`;
}

function serviceFiles(
  project: Project,
  { service, account, routes }: StablePart,
  tag: string,
): ManifestFile[] {
  const folder = stableFolder(service.name);
  const files = [manifestFile(`${folder}/account.yaml`, account)];
  if (routes.length > 0) files.push(manifestFile(`${folder}/routes.yaml`, routes, ROUTES));
  const resources = files.map(({ path }) => path.slice(folder.length + 1));
  return [overlay(project, service, { folder, resources, tag }), ...files];
}

const ROUTES = "Routes of stable, and the parents under which canaries come and go.";

function account(project: Project, service: ServiceConfig): Described[] {
  const { namespace, secretStores, imagePullSecret } = project.cluster;
  const place = { namespace, store: secretStores.stable };
  // Of one Application only: two that have the same object fight over it. The first may have this kind, as every service.
  const [first] = project.services.keys();
  return [
    {
      object: {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: service.name, namespace },
        automountServiceAccountToken: false,
        ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      },
    },
    ...serviceSecrets(service, place),
    ...(service.name === first ? pullSecrets(project, place) : []),
  ];
}
