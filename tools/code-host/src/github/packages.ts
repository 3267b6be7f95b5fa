import { READ_ONLY } from "./activity.ts";
import { type Answer, json, paged, problem, type Question } from "./answer.ts";
import { NO_CONTENT } from "./call.ts";
import type { PackageVersion, Records } from "./records.ts";

/**
 * Container packages: https://docs.github.com/rest/packages/packages, and whose they are. An owner whose name begins with
 * `person` is a user, any other an organization. Undefined: something else is asked.
 */
export function packages(
  question: Question,
  path: string,
  authorization: string | undefined,
  records: Records,
): Answer | undefined {
  const [, account] = /^\/users\/([^/]+)$/.exec(path) ?? [];
  if (account !== undefined) return json(200, { login: account, type: typeOf(account) });
  const [, kind, owner = "", name = "", id] =
    /^\/(orgs|users)\/([^/]+)\/packages\/container\/([^/]+)\/versions(?:\/(\d+))?$/.exec(path) ?? [];
  if (kind === undefined) return undefined;
  if (authorization === undefined) return problem(401, "Requires authentication");
  if ((kind === "users") !== (typeOf(owner) === "User")) return problem(404, "Package not found.");
  const image = `${owner}/${decodeURIComponent(name)}`;
  const versions = records.packages.filter((one) => one.image === image);
  if (versions.length === 0) return problem(404, "Package not found.");
  if (id === undefined) {
    const url = new URL(question.target, question.origin);
    return paged(question, url, versions.toReversed().map(versionJson));
  }
  const found = versions.find((one) => one.id === Number(id));
  if (found === undefined) return problem(404, "Package version not found.");
  if (question.method !== "DELETE") return json(200, versionJson(found));
  if (new RegExp(`^(?:token|bearer) ${READ_ONLY}`, "i").test(authorization))
    return problem(403, "Resource not accessible by integration");
  if (versions.length === 1)
    return problem(
      400,
      "You cannot delete the last tagged version of a package. You must delete the package instead.",
    );
  records.packages = records.packages.filter((one) => one !== found);
  return NO_CONTENT;
}

function typeOf(owner: string): "User" | "Organization" {
  return owner.startsWith("person") ? "User" : "Organization";
}

function versionJson({ id, tags }: PackageVersion): object {
  const digest = `sha256:${String(id).padStart(64, "0")}`;
  return { id, name: digest, metadata: { package_type: "container", container: { tags } } };
}
