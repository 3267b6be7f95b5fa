import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
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
): Promise<Observed> {
  const { host = edgeHost, path = "/api/items", lines, headerName = SELECTOR_NAME, apex } = one;
  const [hostname = "", port = ""] = address.split(":");
  const sent = request({
    hostname,
    port,
    path,
    headers: {
      Host: apex === undefined ? host : address,
      ...(lines.length > 0 && { [headerName]: [...lines] }),
    },
    agent: false,
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  await once(response.resume(), "end");
  const served: unknown = response.headers[SERVED_HEADER];
  const hops = typeof served === "string" ? (JSON.parse(served) as string[]) : [];
  const trail = header(response, TRAIL_HEADER);
  // The router's own answers are for people; what they say is not in the table.
  if (hops.length === 0) return { status: response.statusCode ?? 0, hops };
  assert.match(header(response, "vary") ?? "", /x-canary/i, "Vary");
  assert.equal(
    trail !== undefined,
    carriesSelector(one, edgeHost),
    "a trail is sent only when a selector was",
  );
  return observed(response.statusCode ?? 0, hops, trail, header(response, ECHO_HEADER));
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

function header(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name.toLowerCase()];
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
