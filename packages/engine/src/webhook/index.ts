import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import type { EngineOptions, WebhookOption } from "../options.ts";
import { listenOnAll } from "../routes/listen.ts";
import type { ServerCertificate } from "../routes/tls/certificate.ts";
import { checkSignature } from "./signature.ts";
import { startTrigger } from "./trigger.ts";

/** Where GitHub tells that something happened. What a delivery says is not believed: it only makes the engine look. */
export interface WebhookEndpoint {
  /** What GitHub is to be told, but for the name of this machine. */
  readonly url: string;
  close(): Promise<void>;
}

/** Path of the endpoint. */
const PATH = "/webhook";
/** GitHub sends no more: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
const BODY_LIMIT = 25 * 1024 * 1024;
/** Milliseconds that a delivery may take; GitHub itself gives up after ten seconds. */
const DELIVERY_TIMEOUT = 15_000;
const CONNECTIONS = 100;
const EVENTS: ReadonlySet<string> = new Set(["pull_request", "push"]);

export interface WebhookContext extends Pick<EngineOptions, "hosts" | "logger"> {
  /** For TLS; absent: without. */
  readonly certificate?: ServerCertificate | undefined;
}

/**
 * Takes GitHub's webhooks on a port of its own, so that users' requests never mix with them.
 * @param look looks at every source; a delivery that comes twice, late or out of order is one look more.
 * @throws PerchError PORT_IN_USE, USAGE
 */
export async function openWebhook(
  { port, secret }: WebhookOption,
  { hosts, logger, certificate }: WebhookContext,
  look: () => void,
): Promise<WebhookEndpoint> {
  const trigger = startTrigger(look);
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const [status, text] = await receive(request, secret);
    const event = request.headers["x-github-event"];
    if (status === ACCEPTED[0] && EVENTS.has(String(event))) trigger.event();
    if (status !== ACCEPTED[0]) logger.warn({ status }, "a webhook was refused");
    response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${text}\n`);
  };
  const sockets = new Set<Socket>();
  const { servers, listening } = await listenOnAll({
    addresses: hosts.map((host) => ({ host, port })),
    createServer: () => endpoint(take, certificate, sockets),
    portHint: "Choose another with --webhook-port or PERCH_WEBHOOK_PORT; 0 takes any free one.",
  });
  const [first = { host: "localhost", port }] = listening;
  const host = first.host.includes(":") ? `[${first.host}]` : first.host;
  return {
    url: `${certificate === undefined ? "http" : "https"}://${host}:${first.port}${PATH}`,
    close: async () => {
      trigger.close();
      const closed = Promise.all(servers.map(close));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Verdict = readonly [status: number, text: string];
const ACCEPTED: Verdict = [202, "accepted"];

function endpoint(
  take: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  certificate: ServerCertificate | undefined,
  sockets: Set<Socket>,
): Server {
  const limits = {
    requestTimeout: DELIVERY_TIMEOUT,
    headersTimeout: DELIVERY_TIMEOUT,
    keepAliveTimeout: 1_000,
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    // Whoever goes away in the middle is not answered.
    take(request, response).catch(() => response.destroy());
  };
  const server =
    certificate === undefined ? createServer(limits, serve) : secured(certificate, limits, serve);
  server.maxConnections = CONNECTIONS;
  // A server of TLS does not know connections that never get through their handshake.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return server;
}

function secured(certificate: ServerCertificate, limits: ServerOptions, serve: RequestListener): Server {
  const handshakeTimeout = DELIVERY_TIMEOUT;
  const server = createSecureServer({ ...limits, handshakeTimeout, ...certificate.current() }, serve);
  const forget = certificate.onChange((next) => server.setSecureContext(next));
  server.once("close", forget);
  return server;
}

async function receive(request: IncomingMessage, secret: string): Promise<Verdict> {
  if (request.url !== PATH) return [404, `Webhooks go to ${PATH}`];
  if (request.method !== "POST") return [405, "Webhooks are sent with POST"];
  if (Number(request.headers["content-length"] ?? 0) > BODY_LIMIT) return [413, "Too large"];
  const header = request.headers["x-hub-signature-256"];
  const check = checkSignature(secret, typeof header === "string" ? header : undefined);
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) return [413, "Too large"];
    check.add(chunk);
  }
  return check.isValid() ? ACCEPTED : [401, "The signature is not by this endpoint's secret"];
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
