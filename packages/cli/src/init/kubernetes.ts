import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { baseFiles, baseFolder, projectOf, type ServiceConfig } from "@perch/core";
import type { InitFlags } from "../commands/init.ts";
import { applyChanges } from "../manifests/folder.ts";
import { findProject, readConfig, unknownService } from "../project.ts";

type Kubernetes = ReturnType<typeof projectOf>;

interface Outcome {
  readonly service: string;
  readonly folder: string;
  readonly outcome: "written" | "there already" | "in another repository" | "not there: no such folder";
}

/**
 * `perch init --kubernetes`: deploy/base for services that have none.
 * @throws PerchError CONFIG_NOT_FOUND, CONFIG_INVALID, UNKNOWN_SERVICE
 */
export async function initKubernetes(names: readonly string[], flags: InitFlags): Promise<void> {
  const found = await findProject(flags.config);
  const project = projectOf(await readConfig(found));
  const root = flags.out === undefined ? found.folder : resolve(flags.out);
  const { environmentRepo } = project.cluster;
  const outcomes: Outcome[] = [];
  for (const service of chosen(project.services, names)) {
    const folder = baseFolder(service);
    // Only the environment's own repository is known to be here.
    const isHere = flags.out !== undefined || service.repo === environmentRepo;
    const outcome = isHere ? await scaffold(root, project, service) : "in another repository";
    outcomes.push({ service: service.name, folder, outcome });
  }
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ services: outcomes }, undefined, 2)}\n` : text(outcomes),
  );
}

async function scaffold(
  root: string,
  project: Kubernetes,
  service: ServiceConfig,
): Promise<Outcome["outcome"]> {
  if (!(await exists(join(root, service.path)))) return "not there: no such folder";
  if (await exists(join(root, baseFolder(service)))) return "there already";
  const files = baseFiles(project, service);
  await applyChanges(
    root,
    files.map(({ path, text: after }) => ({ kind: "added", path, after })),
  );
  return "written";
}

function chosen(services: ReadonlyMap<string, ServiceConfig>, names: readonly string[]): ServiceConfig[] {
  if (names.length === 0) return [...services.values()];
  return names.map((name) => {
    const service = services.get(name);
    if (service === undefined) throw unknownService(name, services.keys());
    return service;
  });
}

function text(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ service, folder, outcome }) => `${service}: ${folder} ${outcome}\n`);
  const next = outcomes.some(({ outcome }) => outcome === "written")
    ? "Look at the probes and the resources: they are guesses. Then run `perch render`.\n"
    : "";
  return lines.join("") + next;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
