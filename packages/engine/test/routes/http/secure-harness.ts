import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { type Socket, connect as tcpConnect } from "node:net";
import type { TestContext } from "node:test";
import { connect as tlsConnect } from "node:tls";
import type { RouteTable } from "@perch/core";
import type { ServerOptions } from "../../../src/routes/http/server.ts";
import { openCertificate } from "../../../src/routes/tls/certificate.ts";
import { certificateFiles, certificateFor } from "../../support/certificate.ts";
import { backend, edge, silent, tableOf } from "./harness.ts";

export const NAMES = ["localhost", "*.localhost"];

/** An edge with TLS; ended with its test. */
export async function secureEdge(t: TestContext, table: RouteTable, options: Partial<ServerOptions> = {}) {
  const first = await certificateFor(NAMES);
  const folder = await certificateFiles(t, first);
  const certificate = await openCertificate(folder.files, "localhost", silent, 20);
  t.after(() => certificate.close());
  const started = await edge(t, table, { certificate, ...options });
  return { ...started, ca: first.cert, certificate, write: folder.write };
}

/** One service behind a secure edge. */
export async function secureEdgeFor(
  t: TestContext,
  handler: RequestListener,
  options: Partial<ServerOptions> = {},
) {
  const { address, server } = await backend(t, handler);
  const table = tableOf({ api: { stable: address, prefix: "/" } });
  return { ...(await secureEdge(t, table, options)), server };
}

/** A client of HTTP/2; ended with its test. */
export async function session(t: TestContext, port: number, ca: string): Promise<ClientHttp2Session> {
  const client = connect(`https://localhost:${port}`, { ca });
  client.on("error", () => {});
  t.after(() => client.destroy());
  await once(client, "connect");
  return client;
}

/**
 * A client of HTTP/2 that sends these bytes, takes what comes first, and then neither reads on nor hangs up.
 * @returns its TCP connection, ended with the test
 */
export async function stubbornClient(
  t: TestContext,
  port: number,
  ca: string,
  bytes: Buffer,
): Promise<Socket> {
  const socket = tcpConnect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  const secured = tlsConnect({ socket, servername: "localhost", ca, ALPNProtocols: ["h2"] });
  secured.on("error", () => {});
  await once(secured, "secureConnect");
  secured.write(bytes);
  await once(secured, "data");
  socket.pause();
  return socket;
}
