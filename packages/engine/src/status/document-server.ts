import { PassThrough } from "node:stream";
import { PerchError, type StatusDocument } from "@perch/core";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { serveDashboard } from "./dashboard.ts";
import { isTrustedHost } from "./host-check.ts";
import { serveTimeline } from "./timeline.ts";

/** A status that changes. */
export interface StatusFeed {
  status(): StatusDocument;
  /** Calls back after every change; returns how to stop. */
  onStatus(listener: () => void): () => void;
}

/** What is of a status alone, whoever has it: the document, its changes, and the dashboard that shows it. The caller listens. @param names in `Host` that it answers to, beside its own. */
export function documentServer(feed: StatusFeed, names: readonly string[] = []): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });
  const listening = () => app.addresses().map((one) => (typeof one === "string" ? one : one.address));
  // A page of another site could reach a loopback port under a name of its own (DNS rebinding).
  app.addHook("onRequest", async (request, reply) => {
    if (isTrustedHost(request.host, names, listening())) return;
    await reply.code(403).send({
      code: "USAGE",
      message:
        "The status API answers only to localhost, a loopback address or an address of --host in Host, and to what --status-name names.",
      hint: "Ask for it by one of these, or start the engine with --status-name <the name or IP address that you ask for>.",
    });
  });
  app.get("/healthz", async () => ({ ok: true }));
  app.get("/api/status", async () => feed.status());
  app.get("/api/events", (request, reply) => {
    const end = sendEvents(reply, feed);
    request.raw.once("close", end);
  });
  serveTimeline(app, feed);
  serveDashboard(app);
  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof PerchError) {
      const { code, message, hint } = error;
      return reply.code(code === "UNKNOWN_SERVICE" ? 404 : 400).send({ code, message, hint });
    }
    return reply.send(error);
  });
  return app;
}

/** Milliseconds between two statuses at most, and between two signs of life. */
const THROTTLE = 100;
const HEARTBEAT = 15_000;

/** Server-sent events: the whole status at once and after every change, so that a client needs no merging. */
function sendEvents(reply: FastifyReply, feed: StatusFeed): () => void {
  const stream = new PassThrough();
  let pending: NodeJS.Timeout | undefined;
  const send = () => {
    pending = undefined;
    // A reader that does not keep up gets the next status instead of a queue of old ones.
    if (!stream.writableNeedDrain) stream.write(`event: status\ndata: ${JSON.stringify(feed.status())}\n\n`);
  };
  const unsubscribe = feed.onStatus(() => {
    pending ??= setTimeout(send, THROTTLE);
  });
  const heartbeat = setInterval(() => stream.write(": alive\n\n"), HEARTBEAT);
  send();
  void reply.header("cache-control", "no-store").type("text/event-stream").send(stream);
  return () => {
    unsubscribe();
    clearInterval(heartbeat);
    clearTimeout(pending);
    stream.destroy();
  };
}
