import { PerchError } from "@perch/core";
import { type Octokit, RequestError } from "octokit";
import { ask, isMissing } from "./failure.ts";

/** The tags of a container package on ghcr.io, which has no deletion of its own. */
export interface GithubPackage {
  /** Every tag; none where the package does not exist. */
  tags(): Promise<string[]>;
  /** Whether a tag's version has others that are to stay: a version goes with all of its tags, or not at all. */
  isShared(tag: string, alsoRemovable: (tag: string) => boolean): Promise<boolean>;
  /** Deletes the version that has a tag, unless that is shared; false: it was left. One that is gone is as good as removed. */
  removeTag(tag: string, alsoRemovable: (tag: string) => boolean): Promise<boolean>;
}

interface Version {
  readonly id: number;
  readonly metadata?: { readonly container?: { readonly tags: readonly string[] } };
}

/**
 * Versions of a package by GitHub's API: https://docs.github.com/rest/packages/packages
 * @param path `acme/shop/api`: the owner, then the package's name
 */
export function githubPackage(octokit: Octokit, path: string): GithubPackage {
  const [owner = "", ...rest] = path.split("/");
  const place = { owner, package_name: rest.join("/"), package_type: "container" as const };
  let known: Promise<Version[]> | undefined;
  const versions = () => {
    known ??= ownerKind(octokit, owner).then((kind) => readVersions(octokit, path, kind, place));
    return known;
  };
  const versionOf = async (tag: string) => (await versions()).find((one) => tagsOf(one).includes(tag));
  const needed = (version: Version, tag: string, alsoRemovable: (tag: string) => boolean) =>
    tagsOf(version).some((other) => other !== tag && !alsoRemovable(other));
  return {
    tags: async () => (await versions()).flatMap(tagsOf),
    isShared: async (tag, alsoRemovable) => {
      const version = await versionOf(tag);
      return version !== undefined && needed(version, tag, alsoRemovable);
    },
    removeTag: async (tag, alsoRemovable) => {
      const version = await versionOf(tag);
      if (version === undefined) return true;
      const at = { ...place, kind: await ownerKind(octokit, owner), id: version.id };
      // Looked at again: another pull request may have been given the same image meanwhile.
      const now = await ask(`show a version of ${path}`, () => missing(octokit.request(`GET ${ONE}`, at)));
      if (now === undefined) return true;
      const current = now.data as Version;
      if (!tagsOf(current).includes(tag)) return true;
      if (needed(current, tag, alsoRemovable)) return false;
      await remove(path, () => missing(octokit.request(`DELETE ${ONE}`, at)));
      return true;
    },
  };
}

const ALL = "/{kind}/{owner}/packages/{package_type}/{package_name}/versions";
const ONE = `${ALL}/{id}`;

async function readVersions(octokit: Octokit, path: string, kind: string, place: object): Promise<Version[]> {
  const found = await ask(`list versions of ${path}`, () =>
    missing(octokit.paginate(`GET ${ALL}`, { ...place, kind, per_page: 100 })),
  );
  return (found ?? []) as Version[];
}

/** Where packages of an owner are: organizations and people have them at different addresses. */
async function ownerKind({ rest }: Octokit, owner: string): Promise<"orgs" | "users"> {
  const { data } = await ask(`show ${owner}`, () => rest.users.getByUsername({ username: owner }));
  return data.type === "Organization" ? "orgs" : "users";
}

function tagsOf({ metadata }: Version): readonly string[] {
  return metadata?.container?.tags ?? [];
}

async function missing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

async function remove(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof RequestError) || ![400, 403].includes(cause.status) || isLimit(cause))
      return ask(`remove a version of ${path}`, () => Promise.reject(cause));
    throw new PerchError(
      {
        code: "GITHUB_REFUSED",
        message: `GitHub did not remove a version of ghcr.io/${path}: it answered ${cause.status}.`,
        hint:
          cause.status === 403
            ? "The job needs `packages: write`, and the package has to give this repository the role Admin (Package settings, Manage Actions access)."
            : "GitHub keeps a package's last tagged version, and public ones with more than 5,000 downloads: remove those on its web page.",
        fault: "user",
      },
      { cause },
    );
  }
}

function isLimit({ message }: RequestError): boolean {
  return /rate limit/i.test(message);
}
