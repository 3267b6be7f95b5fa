import { type Env, readEnv } from "@shop/common";

/** Settings of the API. */
export interface Config {
  /** Where to listen: `HOST`, default 127.0.0.1 so that nothing is open by accident; images set 0.0.0.0. */
  readonly host: string;
  /** `PORT`, default 3000; 0 lets the system choose. */
  readonly port: number;
  readonly store: {
    /** `STORE_ADDR`, default 127.0.0.1:50051: the store's apex address. */
    readonly address: string;
    /** `STORE_TIMEOUT_MS`, default 3000: deadline of one call, in milliseconds. An export has twenty times as much. */
    readonly timeout: number;
  };
  /** `CORS_ORIGINS`, comma-separated, default `*`: the API takes no cookies, so any page may call it. */
  readonly origins: readonly string[];
}

/** @throws {ConfigError} that names every wrong variable. */
export function readConfig(env: Env): Config {
  return readEnv(env, (read) => ({
    host: read.text("HOST", "127.0.0.1"),
    port: read.port("PORT", 3_000),
    store: {
      address: read.address("STORE_ADDR", "127.0.0.1:50051"),
      timeout: read.milliseconds("STORE_TIMEOUT_MS", 3_000),
    },
    origins: read.list("CORS_ORIGINS", ["*"], isOrigin, "* or origins such as https://shop.example.com"),
  }));
}

/** An origin as browsers send it: no path, no slash at the end. */
function isOrigin(entry: string): boolean {
  if (entry === "*") return true;
  return URL.canParse(entry) && new URL(entry).origin === entry;
}
