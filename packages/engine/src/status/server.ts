import { explain, type LocalReasons, type RouteTable, type Status } from "@perch/core";
import { explainInvalid, parseSelector } from "@perch/header";
import type { FastifyInstance } from "fastify";
import { documentServer, type StatusFeed } from "./document-server.ts";
import { type LogReader, logStream } from "./logs.ts";
import { type Recorder, serveMeasurements, serveVerdict } from "./measurements/index.ts";
import { serveTry } from "./try/index.ts";

/** What the status API reads; it changes nothing. */
export interface StatusView extends StatusFeed {
  status(): Status;
  table(): RouteTable;
  /** What it has a reason for in its state folder. */
  reasons(): Record<keyof LocalReasons, readonly string[]>;
  readonly logs: LogReader;
  readonly recorder: Recorder;
}

/** The status API, which changes nothing, and the dashboard that shows it. The caller listens. @param names in `Host` that it answers to, beside its own. */
export function statusServer(view: StatusView, names: readonly string[] = []): FastifyInstance {
  const app = documentServer(view, names);
  app.get("/api/reasons", async () => view.reasons());
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
  const services = () => [...view.table().services.keys()];
  serveMeasurements(app, view.recorder, services);
  serveVerdict(app, view.recorder, services);
  serveTry(app, view, names);
  return app;
}
