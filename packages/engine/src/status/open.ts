import { PerchError } from "@perch/core";
import type { FastifyInstance } from "fastify";
import type { EngineOptions } from "../options.ts";
import { documentServer, type StatusFeed } from "./document-server.ts";
import { withoutBrackets } from "./host-check.ts";
import { type StatusView, statusServer } from "./server.ts";

/** The status API while it listens. */
export interface StatusApi {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws PerchError PORT_IN_USE */
export async function openStatusApi(
  { hosts, statusPort, statusNames = [] }: Pick<EngineOptions, "hosts" | "statusPort" | "statusNames">,
  view: StatusView,
): Promise<StatusApi> {
  const server = statusServer(
    view,
    statusNames.map((name) => withoutBrackets(name.toLowerCase())),
  );
  return listen(server, hosts[0] ?? "127.0.0.1", statusPort, "--status-port or PERCH_STATUS_PORT");
}

/**
 * The status API of what is no engine, on loopback: the document, its changes, the timeline and the dashboard.
 * @param missing why it has nothing else
 * @throws PerchError PORT_IN_USE
 */
export async function openDocumentApi(
  feed: StatusFeed,
  { port, flag, missing }: { readonly port: number; readonly flag: string; readonly missing: string },
): Promise<StatusApi> {
  const server = documentServer(feed);
  server.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send({ code: "USAGE", message: missing }),
  );
  return listen(server, "127.0.0.1", port, flag);
}

/** @param flag that chooses another port */
async function listen(server: FastifyInstance, host: string, port: number, flag: string): Promise<StatusApi> {
  try {
    const url = await server.listen({ host, port });
    // All addresses of the machine are none to ask for.
    return { url: url.replace("//[::]:", "//[::1]:"), close: () => server.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new PerchError(
      {
        code: "PORT_IN_USE",
        message: `The status API cannot listen on port ${port}: another program does.`,
        hint: `Choose another with ${flag}; 0 takes any free one.`,
        fault: "environment",
      },
      { cause },
    );
  }
}
