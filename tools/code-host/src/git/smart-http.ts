import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createGunzip } from "node:zlib";

export interface GitServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Folder of bare repositories, `<owner>/<name>.git`. */
  readonly repositories: string;
}

export interface GitServer {
  /** Root: a repository is at `<url>/<owner>/<name>.git`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves bare repositories for reading and pushing, by git's own CGI program (git-http-backend(1)). */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const server = createServer((request, response) => {
    serveGit(options.repositories, request, response);
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Answers one request for a repository of the folder. */
export function serveGit(repositories: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: repositories,
      GIT_HTTP_EXPORT_ALL: "1",
      // the repositories may belong to somebody else than the user of this process
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_CONFIG_KEY_1: "http.receivepack",
      GIT_CONFIG_VALUE_1: "true",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_ADDR: request.socket.remoteAddress,
    },
  });
  const body = request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
  // a client or a program that goes away in the middle ends the exchange, not the server
  body.on("error", () => child.kill());
  child.stdin.on("error", () => undefined);
  child.on("error", () => response.destroy());
  response.on("close", () => child.kill());
  body.pipe(child.stdin);
  answerFromCgi(child.stdout, response);
}

/** RFC 3875, section 6: header lines, an empty line, the body. */
function answerFromCgi(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  let headSent = false;
  output.on("data", (chunk: Buffer) => {
    if (headSent) {
      if (!response.write(chunk)) {
        output.pause();
        response.once("drain", () => output.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    headSent = true;
    const { status, headers } = cgiHead(head.subarray(0, end).toString("latin1"));
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
  });
  output.on("end", () => (headSent ? response.end() : response.writeHead(500).end()));
}

function cgiHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "status") status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers };
}
