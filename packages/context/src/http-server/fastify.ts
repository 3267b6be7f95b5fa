import type { IncomingMessage, ServerResponse } from "node:http";
import { checkedIdentity } from "../identity.ts";
import type { CanaryHttpOptions } from "./options.ts";
import { serveInContext } from "./request.ts";

/** The part of a Fastify instance that the plugin uses; written out so that Fastify is no dependency. */
interface FastifyLike {
  addHook(
    name: "onRequest",
    hook: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse }, done: () => void) => void,
  ): unknown;
}

/** Fastify's own mark for a plugin that applies to the instance that registers it; `fastify-plugin` sets the same. */
const WITHOUT_SCOPE = { [Symbol.for("skip-override")]: true };

/**
 * Plugin for Fastify: `app.register(canaryFastify, { identity })`, before other plugins, since hooks that come before
 * it have no selector.
 *
 * @throws Error, by way of `app.ready()`, if the identity is malformed.
 */
export const canaryFastify = Object.assign(
  (app: FastifyLike, options: CanaryHttpOptions, done: (error?: Error) => void): void => {
    try {
      checkedIdentity(options.identity);
    } catch (error) {
      // Fastify's loader does not catch what a plugin with a callback throws.
      done(error as Error);
      return;
    }
    app.addHook("onRequest", (request, reply, next) =>
      serveInContext(options, request.raw, reply.raw, () => next()),
    );
    done();
  },
  WITHOUT_SCOPE,
);
