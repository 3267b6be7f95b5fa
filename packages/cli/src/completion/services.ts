import { findProject, readConfig } from "../project.ts";

/** Names of the services of the nearest perch.yaml; none where it is missing or wrong: a shell has no place for an error. */
export async function serviceNames(): Promise<string[]> {
  const config = await findProject(process.env.PERCH_CONFIG || undefined)
    .then(readConfig)
    .catch(() => undefined);
  return [...(config?.services.keys() ?? [])];
}
