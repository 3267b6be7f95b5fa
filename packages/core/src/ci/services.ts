import type { Config, ServiceConfig } from "../config/types.ts";
import { PerchError } from "../errors.ts";

/** Services that live in a repository, in the order of perch.yaml. GitHub does not mind the case of a repository's name. */
export function servicesOfRepository(config: Config, repo: string): ServiceConfig[] {
  return [...config.services.values()].filter((service) => service.repo.toLowerCase() === repo.toLowerCase());
}

/** @throws PerchError UNKNOWN_SERVICE unless all of them are services of the repository */
export function requireServices(config: Config, repo: string, names: readonly string[]): void {
  const known = servicesOfRepository(config, repo).map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new PerchError({
    code: "UNKNOWN_SERVICE",
    message: `perch.yaml has no service ${unknown.join(", ")} in ${repo}.`,
    hint: `It has ${known.join(", ") || "none there"}. A service that a pull request adds or renames gets canaries once that is merged.`,
    fault: "user",
  });
}
