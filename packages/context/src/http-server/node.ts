import type { IncomingMessage, ServerResponse } from "node:http";
import { checkedIdentity } from "../identity.ts";
import type { CanaryHttpOptions } from "./options.ts";
import { serveInContext } from "./request.ts";

/**
 * Wraps a handler of `node:http`: `createServer(withCanary({ identity }, handler))`.
 *
 * @returns a handler that returns what `handler` returns, and throws what it throws.
 * @throws Error at once if the identity is malformed.
 */
export function withCanary<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
  T = unknown,
>(
  options: CanaryHttpOptions,
  handler: (request: Req, response: Res) => T,
): (request: Req, response: Res) => T {
  checkedIdentity(options.identity);
  return (request, response) => serveInContext(options, request, response, () => handler(request, response));
}
