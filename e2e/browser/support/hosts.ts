import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseSelector } from "@perch/header";

/** Milliseconds to wait for a request. */
const PATIENCE = 30_000;

/** A request as a host got it. */
export interface Got {
  readonly path: string;
  /** `X-Canary`; absent: none came. */
  readonly selector?: string;
}

/** A host that writes down what it gets. */
export interface TestHost {
  /** `127.0.0.1:34567` */
  readonly host: string;
  readonly origin: string;
  readonly got: Got[];
  /** What came with this path, the last time; waits until something does, which may fail. */
  last(path: string): Promise<Got>;
  close(): Promise<void>;
}

/**
 * Starts a host. `/page` is a page; `/to?url=` leads elsewhere; a WebSocket may be opened anywhere. `/kept` may be kept by
 * the browser, `/kept-by-selector` for one selector; `/worker.js` is a service worker that answers `/from-worker` by
 * itself, and fetches `/through-worker`. Anything else is an answer with the hop trail of a service of which only `canary`
 * has a canary.
 */
export async function startHost({ canary }: { canary: number }): Promise<TestHost> {
  const got: Got[] = [];
  const arrivals = new EventTarget();
  const take = (request: IncomingMessage) => {
    const selector = request.headers["x-canary"];
    const path = new URL(request.url ?? "/", "http://host").pathname;
    got.push({ path, ...(typeof selector === "string" && { selector }) });
    arrivals.dispatchEvent(new Event("request"));
  };
  const server = createServer((request, response) => {
    take(request);
    respond(request, response, canary);
  });
  server.on("upgrade", (request, socket) => {
    take(request);
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const find = (path: string) => got.findLast((one) => one.path === path);
  return {
    host,
    origin: `http://${host}`,
    got,
    last: async (path) => {
      const signal = AbortSignal.timeout(PATIENCE);
      for (;;) {
        const found = find(path);
        if (found !== undefined) return found;
        await once(arrivals, "request", { signal }).catch(() => {
          throw new Error(`Nothing asked for ${path}; this came: ${got.map((one) => one.path).join(", ")}`);
        });
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const PAGE = "<!doctype html><html lang='en'><title>page</title><p>A page.</p></html>";

const WORKER = `
oninstall = () => skipWaiting();
onactivate = (event) => event.waitUntil(clients.claim());
onfetch = (event) => {
  const { pathname } = new URL(event.request.url);
  if (pathname === "/from-worker") event.respondWith(new Response("{}"));
  if (pathname === "/through-worker") event.respondWith(fetch(event.request));
};
`;

function respond(request: IncomingMessage, response: ServerResponse, canary: number): void {
  const url = new URL(request.url ?? "/", "http://host");
  const elsewhere = url.searchParams.get("url");
  const headers: Record<string, string> = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "x-canary",
    "cache-control": "no-store",
    ...trailOf(request.headers["x-canary"], canary),
  };
  if (url.pathname.startsWith("/kept")) headers["cache-control"] = "max-age=600";
  if (url.pathname === "/kept-by-selector") headers.vary = "X-Canary";
  if (elsewhere !== null) response.writeHead(302, { ...headers, location: elsewhere }).end();
  else if (url.pathname.startsWith("/page"))
    response.writeHead(200, { ...headers, "content-type": "text/html" }).end(PAGE);
  else if (url.pathname === "/worker.js")
    response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(WORKER);
  else response.writeHead(200, { ...headers, "content-type": "application/json" }).end("{}");
}

function trailOf(value: string | string[] | undefined, canary: number): Record<string, string> {
  const parsed = parseSelector(value === undefined ? undefined : String(value));
  if (parsed.kind !== "valid") return {};
  const { selector } = parsed;
  const pr = selector.kind === "pr" ? selector.pr : selector.entries.get("api");
  return { "x-canary-trail": pr === canary ? `"api";pr=${canary};rev="ab12cd34ef56"` : '"api";rev="v1"' };
}
