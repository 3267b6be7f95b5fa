import { PerchError, type PerchErrorData } from "@perch/core";
import type { Logger } from "pino";
import type { EngineOptions } from "../options.ts";
import { readPublicUrl } from "./edge-url.ts";
import { openCertificate } from "./tls/certificate.ts";
import { trustedProxies } from "./trusted-proxies.ts";

/** What decides how the edge faces people. */
export type FrontOptions = Pick<EngineOptions, "tls" | "trustedProxies" | "publicUrl">;

/** What an engine that starts with these options would say against them, or report; `undefined`: nothing. */
export async function checkFront(
  { tls, trustedProxies: networks = [], publicUrl }: FrontOptions,
  host: string,
  logger: Logger,
): Promise<PerchErrorData | undefined> {
  try {
    trustedProxies(networks);
    if (publicUrl !== undefined) readPublicUrl(publicUrl, [...new Set([host.toLowerCase(), "localhost"])]);
    if (tls === undefined) return undefined;
    const certificate = await openCertificate(tls, host, logger);
    certificate.close();
    return certificate.problem();
  } catch (error) {
    if (error instanceof PerchError) return error;
    throw error;
  }
}
