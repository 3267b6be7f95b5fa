import type { Finding } from "./problems.ts";
import { ENV_NAME_PATTERN } from "./scalars.ts";
import { didYouMean, quote, someOf } from "./text.ts";
import type { ConfigView, ServiceView } from "./view.ts";

const ENV_NAME = new RegExp(ENV_NAME_PATTERN);

/** Variables that perch itself sets for every process: a value written here could only be lost or do harm. */
const IDENTITY = new Set(["HOST", "PORT", "CANARY_SERVICE", "CANARY_PR", "CANARY_REVISION"]);
const DATABASE = new Set([
  "AWS_ENDPOINT_URL_DYNAMODB",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
]);

/** Whether perch itself sets a variable, for a service with or without a DynamoDB. */
export function isReservedVariable(name: string, hasDynamodb: boolean): boolean {
  return IDENTITY.has(name) || (hasDynamodb && DATABASE.has(name));
}

/** Rules of `calls` and `local.env`: names, who sets what, and who is called. */
export function environmentRules({ services }: ConfigView): Finding[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return services.flatMap((service) => [
    ...variableNames(service, ["calls"], Object.keys(service.parts.calls ?? {})),
    ...variableNames(service, ["local", "env"], Object.keys(service.local?.parts.env ?? {})),
    ...Object.entries(service.parts.calls ?? {}).flatMap(([variable, callee]) =>
      calleeRules(service, variable, callee, byName),
    ),
  ]);
}

function variableNames(service: ServiceView, key: readonly string[], names: readonly string[]): Finding[] {
  return names.flatMap((name): Finding[] => {
    const found = { path: ["services", service.name, ...key, name], at: "key" } as const;
    if (!ENV_NAME.test(name)) {
      const message = "expected the name of an environment variable: letters, digits and _, no digit first";
      return [{ ...found, message }];
    }
    if (IDENTITY.has(name)) return [{ ...found, message: "perch sets this variable itself" }];
    if (service.parts.database !== undefined && DATABASE.has(name)) {
      return [
        { ...found, message: `perch sets this variable itself, for database: ${service.parts.database}` },
      ];
    }
    return [];
  });
}

function calleeRules(
  service: ServiceView,
  variable: string,
  callee: string,
  byName: ReadonlyMap<string, ServiceView>,
): Finding[] {
  const path = ["services", service.name, "calls", variable];
  const target = byName.get(callee);
  if (target === undefined) {
    const hint = didYouMean(callee, [...byName.keys()]) ?? `services: ${someOf([...byName.keys()])}`;
    return [{ path, at: "value", message: `no service ${quote(callee)} in this file`, hint }];
  }
  return localAddressRules(service, variable, target);
}

/** On one machine an address comes from the callee's `local` block, or from `local.env`, never from both. */
function localAddressRules(
  { name, local, has }: ServiceView,
  variable: string,
  target: ServiceView,
): Finding[] {
  if (!has("local") || local?.parts.env === undefined) return [];
  const inEnv = Object.hasOwn(local.parts.env, variable);
  if (inEnv && target.has("local")) {
    const message = `calls sets this variable, to the address of ${quote(target.name)}`;
    return [{ path: ["services", name, "local", "env", variable], at: "key", message }];
  }
  if (inEnv || target.has("local")) return [];
  const message = `${quote(target.name)} has no local block, so nothing runs at this address on one machine`;
  const hint = `give ${quote(target.name)} a local block, or this service ${variable} in local.env`;
  return [{ path: ["services", name, "calls", variable], at: "value", message, hint }];
}
