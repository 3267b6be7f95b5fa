import type { IncomingMessage, ServerResponse } from "node:http";
import { checkedIdentity } from "../identity.ts";
import type { CanaryHttpOptions } from "./options.ts";
import { serveInContext } from "./request.ts";

/** Middleware in the form that Express and Connect take. */
export type CanaryMiddleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/**
 * Middleware for Express: `app.use(canaryExpress({ identity }))`, before everything else, since what comes before it
 * has no selector and answers without `Vary`.
 *
 * @throws Error at once if the identity is malformed.
 */
export function canaryExpress(options: CanaryHttpOptions): CanaryMiddleware {
  checkedIdentity(options.identity);
  return (request, response, next) => serveInContext(options, request, response, () => next());
}
