import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import { request as secureRequest } from "node:https";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { parseShareLink } from "@perch/core";
import { ECHO_HEADER, type Hop, parseTrail, SELECTOR_HEADER, TRAIL_HEADER } from "@perch/header";
import { type CaseRequest, EDGE_HOST, type Observed } from "../../src/index.ts";
import { SERVED_HEADER } from "./backend.ts";
import { TruthClient } from "./truth-service.ts";

const SELECTOR_NAME = "X-Canary";

/**
 * Sends a case's request over HTTP to an address (`host:port`), with the header lines exactly as they are in the case.
 * @param edgeHost what share links are below, where it is not the table's own
 */
export async function requestHttp(
  address: string,
  one: CaseRequest,
  edgeHost = EDGE_HOST,
  scheme: "http" | "https" = "http",
): Promise<Observed> {
  const { host = edgeHost, path = "/api/items", lines, headerName = SELECTOR_NAME, apex } = one;
  const [hostname = "", port = ""] = address.split(":");
  const send = scheme === "https" ? secureRequest : request;
  const sent = send({
    hostname,
    port,
    path,
    headers: {
      Host: apex === undefined ? host : address,
      ...(lines.length > 0 && { [headerName]: [...lines] }),
    },
    agent: false,
    // The certificate is the test's own, and not what is tried here.
    rejectUnauthorized: false,
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  return observedOf(one, edgeHost, response.statusCode ?? 0, response.headers);
}

/** The same over HTTP/2 with TLS, to the edge only. */
export async function requestHttp2(address: string, one: CaseRequest): Promise<Observed> {
  const { host = EDGE_HOST, path = "/api/items", lines, headerName = SELECTOR_NAME } = one;
  const session = connect(`https://${address}`, { rejectUnauthorized: false });
  try {
    const pseudo = [":method", "GET", ":scheme", "https", ":authority", host, ":path", path];
    // Names are lower case, and values have no white space around them (RFC 9113, sections 8.2 and 8.2.1).
    const fields = lines.flatMap((line) => [headerName.toLowerCase(), line.trim()]);
    const stream = session.request([...pseudo, ...fields]);
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
    await once(stream.resume(), "end");
    return observedOf(one, EDGE_HOST, Number(headers[":status"]), headers);
  } finally {
    session.close();
  }
}

function observedOf(
  one: CaseRequest,
  edgeHost: string,
  code: number,
  headers: IncomingHttpHeaders,
): Observed {
  const served: unknown = headers[SERVED_HEADER];
  const hops = typeof served === "string" ? (JSON.parse(served) as string[]) : [];
  const trail = header(headers, TRAIL_HEADER);
  // The router's own answers are for people; what they say is not in the table.
  if (hops.length === 0) return { status: code, hops };
  assert.match(header(headers, "vary") ?? "", /x-canary/i, "Vary");
  const carries = carriesSelector(one, edgeHost);
  assert.equal(trail !== undefined, carries, "a trail is sent only when a selector was");
  return observed(code, hops, trail, header(headers, ECHO_HEADER));
}

/** The same to the apex address of a gRPC service; by its name, where the address is a router's that goes by names. */
export async function requestGrpc(
  address: string,
  service: string,
  lines: readonly string[],
  authority?: string,
): Promise<Observed> {
  const options = authority === undefined ? {} : { "grpc.default_authority": authority };
  const client = new TruthClient(service, address, credentials.createInsecure(), options);
  const metadata = new Metadata();
  for (const line of lines) metadata.add(SELECTOR_HEADER, line);
  try {
    const { label, trailers } = await client.who(metadata);
    const trail = trailers.get(TRAIL_HEADER)[0]?.toString();
    assert.equal(trail !== undefined, lines.length > 0, "a trail is sent only when a selector was");
    return observed(200, [label], trail, undefined);
  } catch (error) {
    const { code } = error as ServiceError;
    assert.equal(code, status.UNAVAILABLE);
    return { status: 503, hops: [] };
  } finally {
    client.close();
  }
}

/** By header line or by share link; an invalid one counts. */
function carriesSelector(
  { apex, host = "", lines, headerName = SELECTOR_NAME }: CaseRequest,
  edgeHost: string,
): boolean {
  if (apex === undefined && parseShareLink(host, [edgeHost]) !== undefined) return true;
  return lines.length > 0 && headerName.toLowerCase() === SELECTOR_HEADER;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Holds the trail to what really served. */
function observed(
  code: number,
  hops: readonly string[],
  trailText: string | undefined,
  echo: string | undefined,
): Observed {
  const trail = trailText === undefined ? undefined : parseTrail(trailText);
  assert.ok(trailText === undefined || trail !== undefined, `not a trail: ${trailText}`);
  const invalid = trail?.hops[0]?.note === "invalid-selector";
  if (trail !== undefined) {
    // What is not acted on is not sent on: only the first hop knows of an invalid selector.
    assert.deepEqual(trail.hops.map(labelOfHop), invalid ? hops.slice(0, 1) : hops);
  }
  if (echo !== undefined) assert.notEqual(trail, undefined, "an echo without a trail");
  return {
    status: code,
    hops,
    ...(echo === undefined ? {} : { echo }),
    ...(invalid ? { invalid } : {}),
  };
}

function labelOfHop({ service, pr, note }: Hop): string {
  if (note === "unreachable") return `${service}!`;
  return pr === undefined ? service : `${service}@${pr}`;
}
