import type { IncomingMessage, ServerResponse } from "node:http";
import { SELECTOR_HEADER } from "@perch/header";
import { contextOfLines } from "../received.ts";
import { runInContext, Scope } from "../storage.ts";
import type { CanaryHttpOptions } from "./options.ts";
import { announceHop } from "./response.ts";

/** On a response that an adapter has in hand already: an app may use two, such as a plugin inside a wrapped server. */
const SERVED = Symbol("perch: served");

/**
 * Serves one request in its own context: reads the selector, prepares the response's headers, runs `next`, and lets
 * the listeners on both streams find the context too.
 *
 * @returns what `next` returns.
 */
export function serveInContext<T>(
  options: CanaryHttpOptions,
  request: IncomingMessage,
  response: ServerResponse & { [SERVED]?: true },
  next: () => T,
): T {
  if (response[SERVED]) return next();
  response[SERVED] = true;
  const context = contextOfLines(selectorLines(request.rawHeaders), options.onInvalid);
  announceHop(response, options.identity, context);
  if (context === undefined) return runInContext(undefined, next);
  return runInContext(context, () => {
    const scope = new Scope();
    scope.emitHere(request);
    scope.emitHere(response);
    return next();
  });
}

/**
 * The header's lines one by one: the parsed `headers` join repeated lines with ", ", which would make two equal lines
 * invalid. Its name is compared by length first, since almost no request has it.
 */
function selectorLines(rawHeaders: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length !== SELECTOR_HEADER.length || name.toLowerCase() !== SELECTOR_HEADER) continue;
    lines.push(rawHeaders[i + 1] ?? "");
  }
  return lines;
}
