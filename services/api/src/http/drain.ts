import type { FastifyInstance } from "fastify";
import type { Readiness } from "../readiness.ts";

/** Stops an HTTP server without losing a request. */
export interface Drain {
  /** Takes no new connection, answers what is in flight, and cuts off what is not done after `grace` milliseconds. */
  stop(grace: number): Promise<void>;
}

/** Has to be set up before routes: answers sent while stopping tell their clients that the connection ends. */
export function drainable(app: FastifyInstance, readiness: Readiness): Drain {
  let draining = false;
  app.addHook("onSend", async (_request, reply) => {
    if (draining) reply.header("connection", "close");
  });
  return {
    async stop(grace) {
      draining = true;
      readiness.drain();
      const timer = setTimeout(() => app.server.closeAllConnections(), grace);
      await app.close();
      clearTimeout(timer);
    },
  };
}
