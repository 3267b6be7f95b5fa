import type { ServiceConfig } from "../../../config/types.ts";
import type { CanaryIdentity } from "../../canary-identity.ts";
import { routeService } from "../../names.ts";
import type { Described } from "../../object.ts";
import { edgeServices, type Project } from "../../project.ts";
import { edgeFamily, throughMesh } from "./edge.ts";
import { familyChildren, familyRoutes } from "./family.ts";
import { linkParent, linkRoutes } from "./share-link.ts";

/** What is there once for the edge host; nothing where no service is behind it. */
export function edgeSharedObjects(project: Project): Described[] {
  return edgeServices(project).length === 0 ? [] : [linkParent(project)];
}

/** What is there once for a service; nothing for one that only others call. */
export function edgeServiceObjects(project: Project, service: ServiceConfig): Described[] {
  const family = edgeFamily(project, service);
  return family === undefined ? [] : familyRoutes(family);
}

/** What a canary adds at the edge: its routes if it is behind the edge, and in any case its share link. */
export function edgeCanaryObjects(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described[] {
  const family = edgeFamily(project, service);
  const target = {
    name: routeService(service.name),
    namespace: pr.namespace,
    port: service.port,
    ...throughMesh(project),
  };
  const own = family === undefined ? [] : familyChildren(family, pr, target);
  return [...own, ...linkRoutes(project, service, pr, target)];
}
