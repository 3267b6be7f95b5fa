import { PassThrough } from "node:stream";
import { explain, type LocalReasons, PerchError, type RouteTable, type Status } from "@perch/core";
import { explainInvalid, parseSelector } from "@perch/header";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { serveDashboard } from "./dashboard.ts";
import { isTrustedHost } from "./host-check.ts";
import { type LogReader, logStream } from "./logs.ts";
import { type Recorder, serveMeasurements } from "./measurements/index.ts";
import { serveTimeline } from "./timeline.ts";
import { serveTry } from "./try/index.ts";

/** What the status API reads; it changes nothing. */
export interface StatusView {
  status(): Status;
  table(): RouteTable;
  /** Calls back after every change; returns how to stop. */
  onStatus(listener: () => void): () => void;
  /** What it has a reason for in its state folder. */
  reasons(): Record<keyof LocalReasons, readonly string[]>;
  readonly logs: LogReader;
  readonly recorder: Recorder;
}

/** The status API, which changes nothing, and the dashboard that shows it. The caller listens. @param names in `Host` that it answers to, beside its own. */
export function statusServer(view: StatusView, names: readonly string[] = []): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });
  // A page of another site could reach a loopback port under a name of its own (DNS rebinding).
  app.addHook("onRequest", async (request, reply) => {
    if (isTrustedHost(request.host, names)) return;
    await reply.code(403).send({
      code: "USAGE",
      message:
        "The status API answers only to localhost or an IP address in Host, and to names given by --status-name.",
    });
  });
  app.get("/healthz", async () => ({ ok: true }));
  app.get("/api/status", async () => view.status());
  app.get("/api/reasons", async () => view.reasons());
  app.get("/api/events", (request, reply) => {
    const end = sendEvents(reply, view);
    request.raw.once("close", end);
  });
  app.get<{ Querystring: { selector?: string } }>("/api/explain", async ({ query }, reply) => {
    const selection = parseSelector(query.selector === undefined ? [] : [query.selector]);
    if (selection.kind === "invalid") {
      return reply.code(400).send({
        code: "INVALID_SELECTOR",
        message: explainInvalid(selection.reason),
        hint: "A request with it is served by stable.",
      });
    }
    return { services: explain(view.table(), selection) };
  });
  app.get<{ Querystring: { service?: string; pr?: string; lines?: string; follow?: string } }>(
    "/api/logs",
    async ({ query, raw }, reply) => {
      const stream = await logStream(query, view.logs);
      raw.once("close", () => stream.destroy());
      void reply.type("text/plain; charset=utf-8").send(stream);
      // A follower of a silent log learns at once that it has it.
      reply.raw.flushHeaders();
      return reply;
    },
  );
  serveMeasurements(app, view.recorder, () => [...view.table().services.keys()]);
  serveTimeline(app, view);
  serveTry(app, view, names);
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
function sendEvents(reply: FastifyReply, view: StatusView): () => void {
  const stream = new PassThrough();
  let pending: NodeJS.Timeout | undefined;
  const send = () => {
    pending = undefined;
    // A reader that does not keep up gets the next status instead of a queue of old ones.
    if (!stream.writableNeedDrain) stream.write(`event: status\ndata: ${JSON.stringify(view.status())}\n\n`);
  };
  const unsubscribe = view.onStatus(() => {
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
