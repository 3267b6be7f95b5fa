import type { Identity } from "@perch/context";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { clientGone } from "../http/gone.ts";
import { ProblemError, problem } from "../problems/problem.ts";
import type { Readiness } from "../readiness.ts";

/** What those who run the service ask. Not part of the API's document, and not worth a log line. */
const HIDDEN = { schema: { hide: true }, logLevel: "warn" } as const;

/** Liveness, readiness, version and metrics. */
export function operationRoutes(
  app: FastifyInstance,
  identity: Identity,
  registry: Registry,
  readiness: Readiness,
): void {
  const { service, pr, revision } = identity;

  app.get("/livez", HIDDEN, async () => ({ status: "ok" }));

  app.get("/readyz", HIDDEN, async (_request, reply) => {
    const reason = await readiness.whyNot(clientGone(reply));
    if (reason === undefined) return { status: "ok" };
    throw new ProblemError(problem(503, reason), { retryAfter: 1 });
  });

  app.get("/version", HIDDEN, async () => ({ service, pr, revision }));

  app.get("/metrics", HIDDEN, async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}
