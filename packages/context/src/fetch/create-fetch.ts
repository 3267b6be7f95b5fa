import { SELECTOR_HEADER, TRAIL_HEADER } from "@perch/header";
import { type CanaryContext, currentContext } from "../storage.ts";
import { beginCall, outcomeOf } from "./call.ts";
import { type CanaryHosts, type ServiceAt, serviceAt } from "./hosts.ts";
import { type FetchRequest, followRedirects } from "./redirect.ts";

type Fetch = typeof globalThis.fetch;

/** What `createFetch` needs to know. */
export interface CanaryFetchOptions {
  /** Where the selector may go. Nothing is sent to any other host, not even by a redirect. */
  readonly hosts: CanaryHosts;
  /** The fetch to use; default: the global one at the time of each call. */
  readonly fetch?: Fetch;
}

/**
 * A `fetch` that sends the current selector to the listed hosts, and takes the trail from their answers. An `X-Canary`
 * that the caller has set itself is replaced by the request's, and removed for hosts that are not listed.
 *
 * It follows redirects itself where it sends a selector; a body that is a stream, or that of a `Request`, then cannot
 * follow a 307 or 308, which fails as in `fetch`. All else is as in the `fetch` underneath.
 *
 * @throws Error at once if an entry of `hosts` is malformed.
 */
export function createFetch(options: CanaryFetchOptions): Fetch {
  const serviceOf = serviceAt(options.hosts);
  return async (input, init) => {
    const fetch = options.fetch ?? globalThis.fetch;
    const context = currentContext();
    const request = describe(input, init);
    // What is no URL is left to fetch to refuse.
    if (request === undefined) return fetch(input, init);
    const own = ownLines(request.headers);
    if (own.length === 0 && context?.value === undefined) return fetch(input, init);
    const send = (next: FetchRequest) => sendOne(fetch, next, own, context, serviceOf);
    return request.redirect === "follow" ? followRedirects(request, send) : send(request);
  };
}

async function sendOne(
  fetch: Fetch,
  request: FetchRequest,
  own: readonly string[],
  context: CanaryContext | undefined,
  serviceOf: ServiceAt,
): Promise<Response> {
  const { value, end } = beginCall(request.url, own, context, serviceOf);
  const headers = new Headers(request.headers);
  if (value === undefined) headers.delete(SELECTOR_HEADER);
  else headers.set(SELECTOR_HEADER, value);
  const redirect = request.redirect === "follow" ? "manual" : request.redirect;
  try {
    const response = await fetch(request.input, { ...request.init, headers: [...headers], redirect });
    end(outcomeOf(response.status, response.headers.get(TRAIL_HEADER) ?? undefined));
    return response;
  } catch (error) {
    end({ kind: "unreachable" });
    throw error;
  }
}

/** What `fetch` would make of its two arguments, where `init` overrides a `Request`. */
function describe(input: string | URL | Request, init: RequestInit = {}): FetchRequest | undefined {
  const given = typeof input === "object" && "url" in input ? input : undefined;
  const url = URL.parse(given?.url ?? String(input));
  if (url === null) return undefined;
  const signal = init.signal === undefined ? given?.signal : init.signal;
  return {
    url,
    input,
    init: { ...(given && settingsOf(given)), ...init, ...(signal ? { signal } : {}) },
    redirect: init.redirect ?? given?.redirect ?? "follow",
    method: (init.method ?? given?.method ?? "GET").toUpperCase(),
    headers: new Headers(init.headers ?? given?.headers),
    repeatable: isRepeatable(init.body ?? given?.body),
  };
}

/** What a `Request` says of how it is sent, which what a redirect leads to has to be told too: that is a URL alone. */
function settingsOf({ method, credentials, cache, keepalive, referrerPolicy }: Request): RequestInit {
  return { method, credentials, cache, keepalive, referrerPolicy };
}

function isRepeatable(body: RequestInit["body"]): boolean {
  if (body === undefined || body === null || typeof body === "string") return true;
  const kinds = [ArrayBuffer, URLSearchParams, FormData, Blob];
  return ArrayBuffer.isView(body) || kinds.some((kind) => body instanceof kind);
}

/** `Headers` joins lines with ", ", which no selector contains. */
function ownLines(headers: Headers): string[] {
  return headers.get(SELECTOR_HEADER)?.split(", ") ?? [];
}
