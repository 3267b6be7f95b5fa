import { parseQuantity } from "./config/scalars.ts";
import type { Config, Readiness } from "./config/types.ts";
import type { Variant } from "./instances.ts";
import type { DesiredVariant } from "./plan/plan.ts";

/** Everything that the supervisor needs to run one revision of one variant: no decision is left to it. */
export interface ProcessSpec {
  /** Folder of the service, relative to the root of its worktree. */
  readonly folder: string;
  /** Shell commands, as in `perch.yaml`. */
  readonly install: string | undefined;
  readonly build: string | undefined;
  readonly start: string;
  /** Environment of build and start; nothing else of the engine's own environment but a short allow-list reaches them. */
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  /** Milliseconds, for the install and for the build each. */
  readonly buildTimeout: number;
  /** Milliseconds. */
  readonly readyTimeout: number;
  /** Milliseconds. */
  readonly stopTimeout: number;
}

/** Addresses that only the engine can know, all `host:port` on loopback. */
export interface LocalAddresses {
  /** Where the process shall listen. */
  readonly own: { readonly host: string; readonly port: number };
  /** Apex address by service. */
  readonly apex: ReadonlyMap<string, string>;
  /** The embedded DynamoDB, when some service asks for one. */
  readonly database: string | undefined;
}

/** How to run a desired variant. Identity and addresses win over `local.env`. */
export function processSpec(config: Config, desired: DesiredVariant, addresses: LocalAddresses): ProcessSpec {
  const service = config.services.get(desired.variant.service);
  if (service?.local === undefined) {
    throw new RangeError(`${desired.variant.service} has no "local" block in perch.yaml.`);
  }
  const { local } = service;
  const env: Record<string, string> = {
    ...local.env,
    ...identityEnv(desired.variant, desired.revision),
    HOST: addresses.own.host,
    PORT: String(addresses.own.port),
  };
  for (const [variable, callee] of service.calls) {
    const apex = addresses.apex.get(callee);
    // A callee that does not run here has no apex; `local.env` may then say where it is.
    if (apex !== undefined) env[variable] = apex;
  }
  if (service.database === "dynamodb") Object.assign(env, dynamodbEnv(addresses.database ?? ""));
  const { env: _env, ...commands } = local;
  return { folder: service.path, ...commands, env };
}

/** What all processes of one canary may take on one machine. */
export interface LocalQuota {
  /** Bytes. */
  readonly memory: number;
  /** Cores. */
  readonly cpu: number;
}

/** `canary.quota` in numbers. @throws RangeError for a quantity that the configuration would have refused */
export function localQuota({ canary }: Config): LocalQuota {
  const number = (text: string) => {
    const value = parseQuantity(text);
    if (value === undefined) throw new RangeError(`${text} is no quantity.`);
    return value;
  };
  return { memory: Math.floor(number(canary.quota.memory)), cpu: number(canary.quota.cpu) };
}

/** Who a process is, told alike by both engines. */
export function identityEnv(variant: Variant, revision: string): Record<string, string> {
  const identity = { CANARY_SERVICE: variant.service, CANARY_REVISION: revision };
  return variant.pr === undefined ? identity : { ...identity, CANARY_PR: String(variant.pr) };
}

/** The AWS SDK's own variables, with credentials that mean nothing outside this machine. */
export function dynamodbEnv(address: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: `http://${address}`,
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
}
