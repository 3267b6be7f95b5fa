import { join } from "node:path";
import { CORES, type Pinned, startPinned } from "../support/pinned.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** How a service carries the selector. */
export const VARIANTS = {
  without: "without.ts",
  perch: undefined,
  OpenTelemetry: "otel.ts",
} as const;

export type VariantName = keyof typeof VARIANTS;

export interface ServiceOptions {
  readonly variant: VariantName;
  readonly core: number;
  readonly port: number;
}

/** The store as it is deployed, on a database at that port. */
export function startStore(options: ServiceOptions, database: number): Promise<Pinned> {
  return start("store", options, {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${database}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
}

/** The api as it is deployed, calling the store at that port. */
export function startApi(options: ServiceOptions, store: number): Promise<Pinned> {
  return start("api", options, { STORE_ADDR: `127.0.0.1:${store}` });
}

/** What answers the api in the store's place. */
export function startCallee(port: number): Promise<Pinned> {
  const program = join(import.meta.dirname, "callee.ts");
  return startPinned([process.execPath, "--conditions=perch-source", program, String(port)], {
    core: CALLEE_CORE,
    port,
  });
}

/** What the measured service calls: away from it, and from what loads it where there are cores enough. */
const CALLEE_CORE = Math.max(CORES.others, 2 % (navigator.hardwareConcurrency || 1));

function start(
  service: string,
  { variant, core, port }: ServiceOptions,
  env: Readonly<Record<string, string>>,
): Promise<Pinned> {
  const preload = VARIANTS[variant];
  const imports = preload === undefined ? [] : ["--import", join(import.meta.dirname, preload)];
  const main = join(ROOT, "services", service, "src", "main.ts");
  return startPinned([process.execPath, "--conditions=perch-source", ...imports, main], {
    core,
    port,
    env: {
      ...env,
      PORT: String(port),
      LOG_LEVEL: "warn",
      CANARY_SERVICE: service,
      CANARY_PR: "7",
      CANARY_REVISION: "ab12cd34ef56",
    },
  });
}
