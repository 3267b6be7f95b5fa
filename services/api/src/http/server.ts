import type { AddressInfo } from "node:net";
import cors from "@fastify/cors";
import swagger from "@fastify/swagger";
import type { Identity } from "@perch/context";
import { canaryFastify } from "@perch/context/http";
import type { Logger } from "@shop/common";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Registry } from "prom-client";
import { ITEM_PAGE_SCHEMA, ITEM_SCHEMA, ITEM_UPDATE_SCHEMA, NEW_ITEM_SCHEMA } from "../items/schema.ts";
import { answerWithProblems, sendProblem } from "../problems/plugin.ts";
import { PROBLEM_SCHEMA } from "../problems/schema.ts";
import type { Readiness } from "../readiness.ts";
import { exportRoute } from "../routes/export.ts";
import { itemRoutes } from "../routes/items.ts";
import { operationRoutes } from "../routes/operations.ts";
import type { Store } from "../store/client.ts";
import { refuseClient } from "./client-error.ts";
import { corsOptions } from "./cors.ts";
import { type Drain, drainable } from "./drain.ts";
import { observeRequests } from "./observe.ts";
import { openApi } from "./openapi.ts";
import { validateStrictly } from "./validation.ts";

/** What routes refer to by name. */
const SCHEMAS = [ITEM_SCHEMA, ITEM_PAGE_SCHEMA, NEW_ITEM_SCHEMA, ITEM_UPDATE_SCHEMA, PROBLEM_SCHEMA];

/** What the server is made of. */
export interface ServerParts {
  readonly identity: Identity;
  readonly log: Logger;
  readonly registry: Registry;
  readonly store: Store;
  readonly readiness: Readiness;
  readonly origins: readonly string[];
}

/** The HTTP server, complete and not listening yet. */
export interface ApiServer extends Drain {
  /** Returns the port, which the system chose if it was 0. */
  listen(host: string, port: number): Promise<number>;
}

/** Builds the server: what answers, in the order in which a request meets it. */
export async function createServer(parts: ServerParts): Promise<ApiServer> {
  const { identity, log, registry, store, readiness, origins } = parts;
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // observeRequests writes one line for each, without the path that the client chose.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    // Comes before all hooks, so that it says itself what the canary plugin says of every other answer.
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply.header("vary", "X-Canary")),
    clientErrorHandler: refuseClient,
    // What comes in over connections that are open still is served: routes may lag behind a stop.
    return503OnClosing: false,
  });
  // Hooks run in this order: what comes before the canary plugin would not know the selector.
  await app.register(canaryFastify, { identity });
  app.removeContentTypeParser("text/plain");
  answerWithProblems(app);
  validateStrictly(app, SCHEMAS);
  observeRequests(app, registry);
  const { stop } = drainable(app, readiness);
  await app.register(cors, corsOptions(origins));
  await app.register(swagger, openApi(identity));
  for (const schema of SCHEMAS) app.addSchema(schema);
  itemRoutes(app, store);
  exportRoute(app, store);
  operationRoutes(app, identity, registry, readiness);
  app.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return { stop, listen: (host, port) => listen(app, host, port) };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  const { level } = app.log;
  // Fastify would announce it in a line of its own, without the port as a field.
  app.log.level = "silent";
  try {
    await app.listen({ host, port });
  } finally {
    app.log.level = level;
  }
  return (app.server.address() as AddressInfo).port;
}
