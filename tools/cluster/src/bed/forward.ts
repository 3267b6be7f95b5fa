#!/usr/bin/env node
// Hands connections from one address on to another, each a TCP port or a Unix socket. A bed runs two of these: one in its own
// network, from sockets in the file system to the cluster; one on the host, from loopback ports to those sockets.
// forward.ts <file that says where it listens> <list of forwards as JSON>
import { once } from "node:events";
import { rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type NetConnectOpts } from "node:net";

/** A TCP address, or the path of a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export interface Forward {
  readonly name: string;
  readonly from: Address;
  readonly to: Address;
}

if (import.meta.main) {
  const [file = "", forwards = "[]"] = process.argv.slice(2);
  const ports = Object.fromEntries(
    await Promise.all((JSON.parse(forwards) as Forward[]).map(async (one) => [one.name, await open(one)])),
  );
  // a reader sees the whole file or none
  await writeFile(`${file}.new`, JSON.stringify(ports));
  await rename(`${file}.new`, file);
}

/** Opens a forward; the port that it listens on, 0 for a socket. A port that is taken is replaced by a free one. */
async function open(forward: Forward): Promise<number> {
  if ("path" in forward.from) await rm(forward.from.path, { force: true });
  const taken = await listen(forward, forward.from);
  if (taken !== undefined) return taken;
  return (await listen(forward, { host: "127.0.0.1", port: 0 })) ?? 0;
}

async function listen(forward: Forward, from: Address): Promise<number | undefined> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const target = connect({ ...forward.to, allowHalfOpen: true, noDelay: true } as NetConnectOpts);
    client.pipe(target).pipe(client);
    client.on("error", (error) => {
      say(forward, "client", error);
      target.destroy();
    });
    target.on("error", (error) => {
      say(forward, "target", error);
      client.destroy();
    });
    client.on("close", () => target.destroy());
    target.on("close", () => client.destroy());
  });
  server.listen(from);
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE" && "port" in from) return undefined;
    throw error;
  }
  return "port" in from ? (server.address() as AddressInfo).port : 0;
}

/** Whoever connects sees only that it was closed: the log has why. */
function say({ name }: Forward, side: "client" | "target", error: Error): void {
  process.stderr.write(`${new Date().toISOString()} ${name}: ${side}: ${error.message}\n`);
}
