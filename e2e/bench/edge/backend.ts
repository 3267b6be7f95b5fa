import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromDebian } from "../../support/debian.ts";
import { nginxConfig } from "../support/nginx.ts";
import { CORES, type Pinned, startPinned } from "../support/pinned.ts";

const HEADERS = { "Cache-Control": "no-store", Vary: "X-Canary", "X-Request-Id": "0123456789abcdef" };

/** A back end that costs next to nothing: nginx with a fixed answer of 1 KiB and a service's usual headers. */
export async function startBackend(folder: string, port: number): Promise<Pinned> {
  const nginx = await fromDebian("nginx");
  const file = join(folder, "nginx.conf");
  const body = JSON.stringify({ items: "x".repeat(1000) });
  await writeFile(file, nginxConfig(folder, port, { type: "application/json", body, headers: HEADERS }));
  return startPinned([nginx, "-c", file, "-p", folder, "-e", "stderr"], { core: CORES.others, port });
}
