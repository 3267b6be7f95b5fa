import { type IncomingHttpHeaders, sensitiveHeaders } from "node:http2";
import { SELECTOR_HEADER } from "@perch/header";

/** Header lines as Node reads and sends them: name, value, name, value; repeated lines stay apart, names are lower case. */
export type RawHeaders = string[];

/** Every `x-canary` line of a call, in order. */
export function selectorLines(raw: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i] === SELECTOR_HEADER) lines.push(raw[i + 1] ?? "");
  }
  return lines;
}

/** Lines to send on as they came, those that no compression table may hold included (RFC 7541, section 7.1.3). */
export function passOn(raw: RawHeaders, headers: IncomingHttpHeaders): RawHeaders {
  const sensitive = sensitiveOf(headers);
  return sensitive === undefined ? raw : Object.assign(raw, { [sensitiveHeaders]: sensitive });
}

/** The same for trailers, which Node sends only from an object: repeated lines are an array. */
export function passOnTrailers(
  raw: RawHeaders,
  headers: IncomingHttpHeaders,
): Record<string | symbol, string[]> {
  const trailers: Record<string | symbol, string[]> = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    const lines = trailers[name];
    if (lines === undefined) trailers[name] = [value];
    else lines.push(value);
  }
  const sensitive = sensitiveOf(headers);
  if (sensitive !== undefined) trailers[sensitiveHeaders] = sensitive;
  return trailers;
}

function sensitiveOf(headers: object): string[] | undefined {
  const names: unknown = Reflect.get(headers, sensitiveHeaders);
  return Array.isArray(names) && names.length > 0 ? names : undefined;
}

const GRPC = /^application\/grpc(?:$|[+;])/i;

/** Whether a request is a gRPC call; `application/grpc+proto` and the like are, gRPC-Web is not. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && GRPC.test(contentType);
}
