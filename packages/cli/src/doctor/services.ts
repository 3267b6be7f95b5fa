import { access, constants, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type Config, type ProgramFact, programsOf, type ServiceConfig, type ServiceFact } from "@perch/core";

/** What each service needs, and whether it is there. @param folder the checkout, of the environment's own repository. */
export async function serviceFacts(config: Config, folder: string): Promise<ServiceFact[]> {
  const { environmentRepo } = config.cluster;
  return Promise.all(
    [...config.services.values()].map(async (service) => ({
      name: service.name,
      path: service.path,
      hasFolder: service.repo === environmentRepo ? await isFolder(join(folder, service.path)) : undefined,
      isLocal: service.local !== undefined,
      programs: await programFacts(service, folder),
    })),
  );
}

async function programFacts({ local, path }: ServiceConfig, folder: string): Promise<ProgramFact[]> {
  const uses = new Map<string, string[]>();
  for (const use of ["install", "build", "start"] as const) {
    for (const program of programsOf(local?.[use] ?? ""))
      uses.set(program, [...(uses.get(program) ?? []), use]);
  }
  // As the engine gives it to services: its own Node, then the programs of packages, then PATH.
  const programs = [folder, join(folder, path)].map((one) => join(one, "node_modules", ".bin"));
  const places = [dirname(process.execPath), ...programs, ...(process.env.PATH ?? "").split(delimiter)];
  return Promise.all(
    [...uses].map(async ([name, which]) => ({
      name,
      uses: which,
      isFound: await isProgram(name, places),
      mayBeInstalled: local?.install !== undefined && !which.includes("install"),
    })),
  );
}

async function isProgram(name: string, places: readonly string[]): Promise<boolean> {
  const paths = name.startsWith("/")
    ? [name]
    : places.filter((place) => place !== "").map((place) => join(place, name));
  const found = await Promise.all(paths.map(isExecutable));
  return found.includes(true);
}

async function isExecutable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return (
    found?.isFile() === true &&
    (await access(path, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
