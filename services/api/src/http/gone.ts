import type { FastifyReply } from "fastify";

/**
 * Aborts when the client left before its response was complete, so that no work is done for it.
 * Fastify's `request.signal` will not do: it aborts once a request's body is read.
 */
export function clientGone(reply: FastifyReply): AbortSignal {
  const { raw } = reply;
  const controller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
