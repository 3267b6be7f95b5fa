import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileRoutes, traefikArguments } from "@perch/core";
import { execa } from "execa";

const LOOPBACK = "127.0.0.1";

/** Both entry points: `host:port`. */
export interface EntryPoints {
  readonly edge: string;
  readonly inside: string;
}

/** Two ports that nobody else gets until they are released. */
export async function reserveEntryPoints(): Promise<{ at: EntryPoints; release(): Promise<void> }> {
  const servers = [createServer(), createServer()];
  await Promise.all(servers.map((server) => once(server.listen(0, LOOPBACK), "listening")));
  const [edge = "", inside = ""] = servers.map(
    (server) => `${LOOPBACK}:${(server.address() as AddressInfo).port}`,
  );
  return {
    at: { edge, inside },
    release: async () => {
      await Promise.all(servers.map((server) => once(server.close(), "close")));
    },
  };
}

/** The real Traefik with a file of routes, as the compose file starts it; `close` ends it. */
export async function startTraefik(
  binary: string,
  entryPoints: EntryPoints,
  routes: FileRoutes,
): Promise<{ close(): Promise<void>; log(): string }> {
  const folder = await mkdtemp(join(tmpdir(), "perch-compose-"));
  // JSON is YAML.
  await writeFile(join(folder, "routes.yaml"), JSON.stringify(routes));
  const started = execa(binary, traefikArguments({ ...entryPoints, routes: folder }), {
    reject: false,
    all: true,
  });
  let log = "";
  started.all.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  return {
    log: () => log,
    close: async () => {
      started.kill();
      await started;
      await rm(folder, { recursive: true });
    },
  };
}
