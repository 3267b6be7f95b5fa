import type { Config, ServiceConfig } from "../config/types.ts";
import { isUnderAny } from "../pull-requests/affected.ts";
import { dependencyFolders, type PackageManifest } from "../pull-requests/workspaces.ts";
import { servicesOfRepository } from "./services.ts";
import { imageTag } from "./tag.ts";

/** What a pull request changed, and perch.yaml at both of its ends. */
export interface ChangeFacts {
  readonly repo: string;
  /** perch.yaml of the branch that it wants to be merged into: what the cluster was rendered from. Undefined: there is none. */
  readonly base: Config | undefined;
  readonly head: Config;
  /** Between the merge base and the head, relative to the repository's root. */
  readonly changedPaths: readonly string[];
  /** Every package.json of the head. */
  readonly packages: readonly PackageManifest[];
}

/** Services by what a pull request does to them. */
export interface ServiceChanges {
  /** A path changed: they need an image. In the order of perch.yaml. */
  readonly changed: readonly string[];
  /** perch.yaml gets them by this pull request: the cluster knows them only after the merge. */
  readonly added: readonly string[];
  /** perch.yaml loses them. */
  readonly removed: readonly string[];
  /** Removed under one name and added under another, with the same folder. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Which services a pull request changes. A service of both ends counts with the paths that either end lists, and with the
 * folders of its package's own dependencies: a missed image is worse than one too many.
 */
export function serviceChanges(facts: ChangeFacts): ServiceChanges {
  const before = facts.base === undefined ? [] : servicesOfRepository(facts.base, facts.repo);
  const after = servicesOfRepository(facts.head, facts.repo);
  const known = before.filter(({ name }) => after.some((one) => one.name === name));
  const added = after.filter(({ name }) => !before.some((one) => one.name === name));
  const removed = before.filter(({ name }) => !after.some((one) => one.name === name));
  const renamed = removed.flatMap((from) => {
    const to = added.find((one) => one.path === from.path);
    return to === undefined ? [] : [{ from: from.name, to: to.name }];
  });
  return {
    changed: namesOf(known.filter((service) => isChanged(service, after, facts))),
    added: namesOf(added),
    removed: namesOf(removed),
    renamed,
  };
}

function isChanged(service: ServiceConfig, after: readonly ServiceConfig[], facts: ChangeFacts): boolean {
  const head = after.find(({ name }) => name === service.name);
  const paths = [
    ...service.paths,
    ...(head?.paths ?? []),
    ...dependencyFolders(facts.packages, head?.path ?? service.path),
  ];
  return facts.changedPaths.some((path) => isUnderAny(path, paths));
}

/** One image that a run has to provide: built, or, where nothing of it changed, stable's under another tag. */
export interface ImageJob {
  readonly service: string;
  /** The service's folder. */
  readonly path: string;
  /** With registry and tag. */
  readonly image: string;
  readonly changed: boolean;
}

/**
 * The images that a head needs: of the services that it changes, and of those that people labelled.
 * @param registry without a final slash
 */
export function imageJobs(
  config: Config,
  registry: string,
  { pr, head }: { readonly pr: number; readonly head: string },
  changed: readonly string[],
  labelled: readonly string[],
): ImageJob[] {
  return [...config.services.values()]
    .filter(({ name }) => changed.includes(name) || labelled.includes(name))
    .map(({ name, path }) => ({
      service: name,
      path,
      image: `${registry}/${name}:${imageTag(pr, head)}`,
      changed: changed.includes(name),
    }));
}

function namesOf(services: readonly ServiceConfig[]): string[] {
  return services.map(({ name }) => name);
}
