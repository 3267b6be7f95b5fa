import { type IncomingMessage, request } from "node:http";
import { request as secureRequest } from "node:https";
import type { TryAnswer, TryRequest } from "@perch/core";
import { parseTrail, TRAIL_HEADER } from "@perch/header";

/** Bytes of an answer's body that are kept. */
export const MAX_ANSWER = 256 * 1024;
/** Milliseconds for the whole answer: longer than a canary may take to wake. */
export const TIMEOUT = 35_000;

/** The engine's own edge. */
export interface EdgeAddress {
  /** `host:port` where it listens. */
  readonly address: string;
  readonly secure: boolean;
}

/**
 * Sends one request to the edge, on a connection of its own, and reads the answer up to a bound.
 * @throws Error when no answer comes in time
 */
export async function sendToEdge(edge: EdgeAddress, what: TryRequest, timeout = TIMEOUT): Promise<TryAnswer> {
  const began = performance.now();
  const signal = AbortSignal.timeout(timeout);
  const response = await headOf(edge, what, signal);
  const milliseconds = Math.round((performance.now() - began) * 10) / 10;
  const { bytes, cut } = await bodyOf(response);
  const trail = parseTrail(response.headersDistinct[TRAIL_HEADER]);
  return {
    status: response.statusCode ?? 0,
    headers: pairs(response.rawHeaders),
    body: new TextDecoder().decode(bytes),
    cut,
    milliseconds,
    ...(trail === undefined ? {} : { trail }),
  };
}

function headOf(edge: EdgeAddress, what: TryRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { host, port } = splitAuthority(edge.address);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = edge.secure ? secureRequest : request;
  send({
    host,
    port,
    // It is this very process, whatever name its certificate is for.
    rejectUnauthorized: false,
    method: what.method,
    path: what.path,
    headers: headersFor(what, port),
    agent: false,
    signal,
  })
    .on("response", resolve)
    .on("error", reject)
    .end(what.body);
  return promise;
}

function headersFor({ host, selector, body, contentType }: TryRequest, port: number): Record<string, string> {
  return {
    host: `${host ?? "localhost"}:${port}`,
    accept: "*/*",
    "user-agent": "perch-dashboard",
    ...(selector === undefined ? {} : { "X-Canary": selector }),
    ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
}

/** `127.0.0.1:8080` or `[::1]:8080`. */
function splitAuthority(authority: string): { host: string; port: number } {
  const colon = authority.lastIndexOf(":");
  const host = authority.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(authority.slice(colon + 1)) };
}

async function bodyOf(response: IncomingMessage): Promise<{ bytes: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop destroys the response and its connection.
    if (length > MAX_ANSWER) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_ANSWER), cut: length > MAX_ANSWER };
}

function pairs(raw: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) headers.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return headers;
}
