import type { Identity } from "@perch/context";
import { type Logger, type LoggerOptions, pino } from "pino";
import { type Env, readEnv } from "./env.ts";
import { identityLabels } from "./identity.ts";

export type { Logger } from "pino";

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const LEVEL = new RegExp(`^(${LEVELS.join("|")})$`);

/**
 * JSON lines on standard output, each with `level`, `time` (ISO 8601), `service`, `canary_pr`, `revision` and `msg`.
 * `LOG_LEVEL` (default `info`) says from which level on.
 * @throws {ConfigError} when `LOG_LEVEL` is none.
 */
export function createLogger(identity: Identity, env: Env): Logger {
  const level = readEnv(env, (read) =>
    read.pattern("LOG_LEVEL", "info", LEVEL, `one of ${LEVELS.join(", ")}`),
  );
  const options: LoggerOptions = {
    level,
    base: { service: identity.service, ...identityLabels(identity) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
  };
  // Not pino's own destination: at the exit of a process whose output nobody reads any more, that one tries forever.
  return pino(options, process.stdout);
}
