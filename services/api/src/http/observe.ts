import { DURATION_BUCKETS } from "@shop/common";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Histogram, type Registry } from "prom-client";

/** Times every request in `http_server_request_duration_seconds`, and writes one log line about it. */
export function observeRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time from the request's head to the end of its response, or to the client's leaving.",
    labelNames: ["method", "route", "status"],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: reply.statusCode };
    duration.observe(labels, reply.elapsedTime / 1_000);
    request.log.info({ ...labels, ms: Math.round(reply.elapsedTime) }, "request");
  });
}

/** The route's pattern. Never the path: it is the client's, and would make up series and log lines. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "none";
}
