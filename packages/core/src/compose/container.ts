import type { ServiceConfig } from "../config/types.ts";
import type { Variant } from "../instances.ts";
import { containerPort } from "../manifests/base/pod.ts";
import type { Project } from "../manifests/project.ts";
import { repositoriesOf } from "../manifests/project.ts";
import { dynamodbEnv, identityEnv } from "../processes.ts";
import { APEX_PORT, DATABASE } from "./project.ts";

/** A variant of a service as a service of the compose file. */
export function container(project: Project, service: ServiceConfig, variant: Variant): object {
  return {
    build: {
      context: `\${${variableName(variant)}_CONTEXT:-${contextOf(project, service)}}`,
      dockerfile: `${service.path === "." ? "" : `${service.path}/`}Dockerfile`,
    },
    environment: environment(service, variant),
    ...HARDENED,
    restart: "unless-stopped",
  };
}

/** The least that a process needs; a service writes to /tmp at most. */
export const HARDENED = {
  init: true,
  read_only: true,
  tmpfs: ["/tmp"],
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
} as const;

/** `API` for stable, `API_PR_2` for a canary. */
function variableName({ service, pr }: Variant): string {
  const upper = service.toUpperCase().replaceAll("-", "_");
  return pr === undefined ? upper : `${upper}_PR_${pr}`;
}

/** Where a checkout is unless a variable says otherwise; several repositories are side by side. */
function contextOf(project: Project, { repo }: ServiceConfig): string {
  return repositoriesOf(project).length === 1 ? "." : `../${repo.split("/")[1]}`;
}

/** Who it is, where it listens, whom it calls: as on one machine without containers. */
function environment(service: ServiceConfig, variant: Variant): Record<string, string | null> {
  const revision = `\${${variableName(variant)}_REVISION:-compose}`;
  const calls = [...service.calls].map(([variable, callee]) => [variable, `${callee}:${APEX_PORT}`]);
  const secrets = [...service.secrets.keys()].map((variable) => [variable, null]);
  const own = Object.entries(service.local?.env ?? {}).map(([key, value]) => [
    key,
    value.replaceAll("$", "$$$$"),
  ]);
  return {
    // Without a value: the one of the shell that starts it.
    ...Object.fromEntries(secrets),
    ...Object.fromEntries(own),
    ...identityEnv(variant, revision),
    HOST: "0.0.0.0",
    PORT: String(containerPort(service).containerPort),
    ...Object.fromEntries(calls),
    ...(service.database === "dynamodb" ? dynamodbEnv(`${DATABASE}:8000`) : {}),
  };
}
