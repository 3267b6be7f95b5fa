import type { FastifyRequest } from "fastify";
import { nameIn } from "../host-check.ts";

/** The header without which nothing is tried: a page of another origin cannot send it without asking first (CORS). */
export const GUARD_HEADER = "x-perch-request";

/**
 * Why a request may not have another one sent; `undefined`: it may. Only the dashboard's own page on this machine may:
 * whatever else can reach the port must not get a way to act through the engine.
 * @param names that the status API answers to, lower case
 */
export function whyNotAllowed(
  { headers, host, ip }: Pick<FastifyRequest, "headers" | "host" | "ip">,
  names: readonly string[],
): string | undefined {
  if (!isLoopback(ip))
    return "Requests are tried only for this machine: open the dashboard on it, by localhost.";
  if (headers[GUARD_HEADER] !== "1") return "The header X-Perch-Request: 1 is missing.";
  if (!originsOf(host, names).includes(headers.origin ?? "")) return "The Origin is not the dashboard's own.";
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return "Only the dashboard's own page may ask for this.";
  return undefined;
}

/** By a configured name also with TLS: a proxy on this machine ends it. */
function originsOf(host: string, names: readonly string[]): string[] {
  const isNamed = names.includes(nameIn(host));
  return [`http://${host}`, ...(isNamed ? [`https://${host}`] : [])];
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./.test(address);
}
