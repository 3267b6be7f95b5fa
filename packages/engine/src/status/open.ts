import { PerchError } from "@perch/core";
import type { EngineOptions } from "../options.ts";
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
    statusNames.map((name) => name.toLowerCase()),
  );
  try {
    const url = await server.listen({ host: hosts[0] ?? "127.0.0.1", port: statusPort });
    return { url, close: () => server.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new PerchError(
      {
        code: "PORT_IN_USE",
        message: `The status API cannot listen on port ${statusPort}: another program does.`,
        hint: "Choose another with --status-port or PERCH_STATUS_PORT; 0 takes any free one.",
        fault: "environment",
      },
      { cause },
    );
  }
}
