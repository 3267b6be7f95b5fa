import type { Config, ServiceConfig } from "../../config/types.ts";
import type { CanaryIdentity } from "../canary-identity.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";
import { linkerd } from "./linkerd/index.ts";
import { none } from "./none/index.ts";

/** What routes calls between services. A new kind is a folder beside these two. */
export interface Mesh {
  /** What is there once for the project. */
  sharedObjects(project: Project): Described[];
  /** What is there once for a service that others call. */
  serviceObjects(project: Project, service: ServiceConfig): Described[];
  /** What a canary of such a service adds. */
  canaryObjects(project: Project, service: ServiceConfig, pr: CanaryIdentity): Described[];
  /** JSON patches of the apex Service, which the service's own base has. */
  apexPatches(project: Project, service: ServiceConfig): ApexPatch[];
  /** Annotations on stable's and on canaries' Namespaces, and on the edge's. */
  readonly namespaceAnnotations: Readonly<Record<string, string>>;
}

export interface ApexPatch {
  readonly op: "replace";
  readonly path: string;
  readonly value: unknown;
}

const MESHES: Readonly<Record<Config["mesh"], Mesh>> = { linkerd, none };

export function meshOf({ mesh }: Config): Mesh {
  return MESHES[mesh];
}
