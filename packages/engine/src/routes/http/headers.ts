import { SELECTOR_HEADER } from "@perch/header";

/** What the lines of a request say to the router itself. */
export interface RequestLines {
  /** Every `X-Canary` line, in order. */
  readonly selectorLines: readonly string[];
  /** More than one is an attack or a bug: RFC 9112 (3.2) wants 400. */
  readonly hostLines: number;
}

const NO_LINES: readonly string[] = [];

/** @param raw names and values in turn, as in `IncomingMessage.rawHeaders`. */
export function readRequestLines(raw: readonly string[]): RequestLines {
  let selectorLines: string[] | undefined;
  let hostLines = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    if (name.length === 4 && name.toLowerCase() === "host") hostLines++;
    if (name.length !== SELECTOR_HEADER.length || name.toLowerCase() !== SELECTOR_HEADER) continue;
    selectorLines ??= [];
    selectorLines.push(raw[i + 1] ?? "");
  }
  return { selectorLines: selectorLines ?? NO_LINES, hostLines };
}

/** What the edge tells a backend about the client. */
export interface Forwarded {
  /** IP address of whoever is at the other end of the connection. */
  readonly peer: string;
  readonly host: string | undefined;
  readonly scheme: "http" | "https";
  /** A proxy that is believed: what it says of the client stays, and it is added to the chain. Else its claims are replaced. */
  readonly trusted: boolean;
}

export interface RequestRewrite {
  /** The `Connection` lines, joined. */
  readonly connection: string | undefined;
  /** `Host` for the backend: the authority of the request's target. */
  readonly host: string | undefined;
  /** The selector of a share link: it replaces every `X-Canary` line. */
  readonly selector: string | undefined;
  /** Absent: `X-Forwarded-*` and `Forwarded` pass as they came (a router inside the environment trusts its callers). */
  readonly forwarded?: Forwarded;
}

/** Meant for one connection only (RFC 9110, 7.6.1), or written anew by the side that frames the message. */
const HOP_BY_HOP = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** `Expect` is answered here; request trailers cannot be passed on, so they are not announced; Host is set from the target. */
const REQUEST_ONLY = new Set(["expect", "host", "trailer"]);

/**
 * Header lines for the backend, names and values in turn. Everything end-to-end passes in its order with its
 * duplicates; framing headers but Content-Length are left to the client that sends.
 */
export function requestHeaders(raw: readonly string[], rewrite: RequestRewrite): string[] {
  const named = connectionOptions(rewrite.connection);
  const headers: string[] = [];
  if (rewrite.host !== undefined) headers.push("Host", rewrite.host);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower === "te" && /(?:^|,)\s*trailers\s*(?:;|,|$)/i.test(value)) headers.push("TE", "trailers");
    if (HOP_BY_HOP.has(lower) || REQUEST_ONLY.has(lower) || named?.has(lower)) continue;
    const read = lower.includes("_") ? asRead(lower) : lower;
    if (rewrite.forwarded !== undefined && isReplaced(lower, read, rewrite.forwarded)) continue;
    if (rewrite.selector !== undefined && read === SELECTOR_HEADER) continue;
    headers.push(name, value);
  }
  if (rewrite.selector !== undefined) headers.push("X-Canary", rewrite.selector);
  if (rewrite.forwarded !== undefined) pushForwarded(headers, raw, rewrite.forwarded);
  return headers;
}

/** A name as CGI reads it, and WSGI and others after it, for which `-` and `_` are one (RFC 3875, section 4.1.18). */
function asRead(name: string): string {
  return name.replaceAll("_", "-");
}

/** Lines of the client's that are dropped, because the edge writes them itself. No proxy writes them with `_`. */
function isReplaced(lower: string, read: string, { trusted }: Forwarded): boolean {
  if (trusted && lower === read) return lower === "x-forwarded-for";
  return read.startsWith("x-forwarded-") || read === "forwarded" || read === "x-real-ip";
}

function pushForwarded(headers: string[], raw: readonly string[], from: Forwarded): void {
  const { peer, host, scheme, trusted } = from;
  const said = (name: string) => (trusted ? joined(raw, name) : undefined);
  const chain = said("x-forwarded-for");
  headers.push("X-Forwarded-For", chain === undefined ? peer : `${chain}, ${peer}`);
  if (said("x-forwarded-proto") === undefined) headers.push("X-Forwarded-Proto", scheme);
  if (host !== undefined && said("x-forwarded-host") === undefined) headers.push("X-Forwarded-Host", host);
  // A gateway names itself to the server behind it (RFC 9110, 7.6.3).
  headers.push("Via", "1.1 perch");
}

/**
 * How the answer's body goes out: `streamed` is chunked unless it has a Content-Length, so it may have trailers; `plain`
 * may have a Content-Length but no trailers; `none` has neither (1xx and 204: RFC 9110, 8.6).
 */
export type ResponseBody = "streamed" | "plain" | "none";

/**
 * Header lines for the client, names and values in turn: hop-by-hop ones removed, `Vary: X-Canary` ensured.
 * @param raw names and values in turn; text or bytes, as they came from the backend.
 */
export function responseHeaders(raw: readonly (string | Buffer)[], body: ResponseBody): string[] {
  const lines = raw.map(latin1);
  const named = connectionOptions(joined(lines, "connection"));
  const trailers = body === "streamed" && joined(lines, "content-length") === undefined;
  const headers: string[] = [];
  let vary = -1;
  let varies = false;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] ?? "";
    const value = lines[i + 1] ?? "";
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named?.has(lower)) continue;
    if ((lower === "trailer" && !trailers) || (lower === "content-length" && body === "none")) continue;
    if (lower === "vary") {
      vary = headers.length + 1;
      varies ||= /(?:^|,)\s*(?:\*|x-canary)\s*(?:,|$)/i.test(value);
    }
    headers.push(name, value);
  }
  if (!varies) addVary(headers, vary);
  return headers;
}

function addVary(headers: string[], at: number): void {
  if (at === -1) headers.push("Vary", "X-Canary");
  else headers[at] = headers[at] === "" ? "X-Canary" : `${headers[at]}, X-Canary`;
}

/** Trailer fields that may pass: never one that would frame or route the message (RFC 9110, 6.5.1). */
export function trailerFields(raw: readonly (string | Buffer)[]): [string, string][] {
  const fields: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = latin1(raw[i] ?? "");
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && lower !== "content-length" && lower !== "host" && lower !== "trailer")
      fields.push([name, latin1(raw[i + 1] ?? "")]);
  }
  return fields;
}

function latin1(text: string | Buffer): string {
  return typeof text === "string" ? text : text.toString("latin1");
}

function joined(lines: readonly string[], wanted: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] ?? "";
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue;
    found = found === undefined ? (lines[i + 1] ?? "") : `${found},${lines[i + 1] ?? ""}`;
  }
  return found;
}

/** Headers that `Connection` names go no further than it does; those that frame or address the message may not be named. */
function connectionOptions(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || /^(?:keep-alive|close|upgrade)$/i.test(connection)) return undefined;
  const named = new Set(connection.split(",").map((option) => option.trim().toLowerCase()));
  named.delete("host");
  named.delete("content-length");
  return named;
}
