/** One request of a fetch, as it is before the selector is added. */
export interface FetchRequest {
  readonly url: URL;
  /** What `fetch` is given first: the caller's own input, or the URL of a redirect. */
  readonly input: string | URL | Request;
  readonly init: RequestInit;
  /** What the caller wants to be done with a redirect. */
  readonly redirect: NonNullable<RequestInit["redirect"]>;
  readonly method: string;
  readonly headers: Headers;
  /** Whether the body can be sent a second time; a stream cannot. */
  readonly repeatable: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The limit of the Fetch standard, section 4.4. */
const MAX_REDIRECTS = 20;
const OF_THE_BODY = [
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
  "content-length",
];
const OF_THE_ORIGIN = ["authorization", "proxy-authorization", "cookie", "host"];

/**
 * Follows redirects as the Fetch standard does (section 4.4, "HTTP-redirect fetch"), one `send` at a time. `fetch` alone
 * would pass `X-Canary` on to whatever host a redirect names, since it takes only credentials away.
 *
 * @throws TypeError, as `fetch` does, for a redirect that cannot be followed; `cause` says why.
 */
export async function followRedirects(
  first: FetchRequest,
  send: (request: FetchRequest) => Promise<Response>,
): Promise<Response> {
  let request = first;
  for (let count = 0; ; count += 1) {
    const response = await send(request);
    const location = locationOf(response);
    if (location === undefined) return count === 0 ? response : markRedirected(response);
    await response.body?.cancel();
    if (count === MAX_REDIRECTS) throw failed(`there were more than ${MAX_REDIRECTS} redirects`);
    request = nextRequest(request, response.status, location);
  }
}

function locationOf(response: Response): string | undefined {
  if (response.type === "opaqueredirect") {
    throw failed(
      "this fetch hides where a redirect leads; give createFetch one that does not, such as Node's own",
    );
  }
  return REDIRECTS.has(response.status) ? (response.headers.get("location") ?? undefined) : undefined;
}

/** The request that a redirect asks for. */
export function nextRequest(request: FetchRequest, status: number, location: string): FetchRequest {
  const url = URL.parse(location, request.url.href);
  if (url === null) throw failed("the redirect's Location is no URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw failed("the redirect leaves HTTP");
  if (url.hash === "") url.hash = request.url.hash;
  const headers = new Headers(request.headers);
  if (url.origin !== request.url.origin) for (const name of OF_THE_ORIGIN) headers.delete(name);
  if (!becomesGet(request.method, status)) {
    if (!request.repeatable)
      throw failed("a body that is a stream cannot be sent again to where a redirect leads");
    return { ...request, url, input: url, headers };
  }
  for (const name of OF_THE_BODY) headers.delete(name);
  const { body: _dropped, ...init } = request.init;
  return {
    ...request,
    url,
    input: url,
    init: { ...init, method: "GET" },
    method: "GET",
    headers,
    repeatable: true,
  };
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** What `fetch` reports of a response that it got by way of redirects. */
function markRedirected(response: Response): Response {
  return Object.defineProperty(response, "redirected", { value: true });
}

function failed(why: string): TypeError {
  return new TypeError("fetch failed", { cause: new Error(`perch: ${why}`) });
}
