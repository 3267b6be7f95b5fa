import { type Env, readEnv } from "@shop/common";

/** Settings of the store. The database's address, region and credentials are the AWS SDK's own variables. */
export interface Config {
  /** Where to listen: `HOST`, default 127.0.0.1 so that nothing is open by accident; images set 0.0.0.0. */
  readonly host: string;
  /** `PORT`, default 50051; 0 lets the system choose. */
  readonly port: number;
  /** `METRICS_PORT`: where `GET /metrics` is answered; unset: nowhere. */
  readonly metricsPort: number | undefined;
  /** `STORE_TABLE`, default `items`. */
  readonly table: string;
  /** `STORE_SEED`: put sample items into a table that this process created; default false. */
  readonly seed: boolean;
}

/** @throws {ConfigError} that names every wrong variable. */
export function readConfig(env: Env): Config {
  return readEnv(env, (read) => ({
    host: read.text("HOST", "127.0.0.1"),
    port: read.port("PORT", 50_051),
    metricsPort: read.optionalPort("METRICS_PORT"),
    table: read.pattern(
      "STORE_TABLE",
      "items",
      /^[A-Za-z0-9_.-]{3,255}$/,
      "3 to 255 letters, digits, _ . or -",
    ),
    seed: read.flag("STORE_SEED", false),
  }));
}
