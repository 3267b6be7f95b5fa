import { PerchError } from "@perch/core";
import type { ListenAddress } from "./listen.ts";

export interface EdgeUrlInput {
  readonly listening: readonly ListenAddress[];
  /** Whether the edge has a certificate. */
  readonly secure: boolean;
  /** `edge.host` of perch.yaml. */
  readonly host: string;
  /** What people use, where a proxy is in front; absent: what leads to the listeners. */
  readonly publicUrl?: string;
}

/**
 * The base URL of the edge, without a slash at its end. With a certificate it has the name that this is for; else it is
 * `localhost` where that leads to the edge: share links are names below it.
 */
export function edgeUrl({ listening, secure, host, publicUrl }: EdgeUrlInput): string {
  if (publicUrl !== undefined) return publicUrl;
  const local = listening.find((address) => /^(?:127\.|0\.0\.0\.0$|::1?$)/.test(address.host));
  const [first = { host: "localhost", port: 0 }] = listening;
  if (secure) return new URL(`https://${host}:${first.port}`).origin;
  return `http://${local === undefined ? authority(first) : `localhost:${local.port}`}`;
}

/** `host:port`; an IPv6 address in brackets. */
export function authority({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads the URL that people use for the edge.
 * @param edgeHosts lower case: names below any other would not be share links. @throws PerchError USAGE
 */
export function readPublicUrl(text: string, edgeHosts: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.origin}/` === url.href &&
    url.hostname !== "";
  if (url !== undefined && isOrigin && edgeHosts.includes(url.hostname)) return url.origin;
  const message = isOrigin
    ? `The public URL has the host ${url.hostname}, and perch.yaml another one: share links would not work.`
    : `${JSON.stringify(text)} is not a URL of a scheme, a host and perhaps a port.`;
  const [host = "localhost"] = edgeHosts;
  const hint = `Give such as https://${host}, or change edge.host in perch.yaml.`;
  throw new PerchError({ code: "USAGE", message, hint, fault: "user" });
}
