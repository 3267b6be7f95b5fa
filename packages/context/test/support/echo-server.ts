import type { IncomingHttpHeaders } from "node:http";
import { listen, type RunningServer } from "./http.ts";

/** A server that remembers what it was sent. */
export interface EchoServer extends RunningServer {
  readonly received: { path: string; method: string; headers: IncomingHttpHeaders; body: string }[];
}

/**
 * Answers `/redirect/<status>?to=<url>` with that redirect, `/status/<status>` with that status, and all else with 200;
 * always with the trail that the header `send-trail` asks for.
 */
export async function listenEchoing(): Promise<EchoServer> {
  const received: EchoServer["received"] = [];
  const server = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(`http://any${request.url ?? "/"}`);
    const { headers, method = "" } = request;
    received.push({ path: pathname, method, headers, body: Buffer.concat(chunks).toString() });
    const trail = headers["send-trail"];
    if (trail !== undefined) response.setHeader("X-Canary-Trail", trail);
    const to = searchParams.get("to");
    if (to !== null) response.setHeader("Location", to);
    response.writeHead(Number(/^\/\w+\/([0-9]{3})/.exec(pathname)?.[1] ?? 200)).end("body");
  });
  return Object.assign(server, { received });
}
