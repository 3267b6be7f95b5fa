import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { PerchError } from "@perch/core";

export interface ListenAddress {
  /** An IP address or a name such as `localhost`. */
  readonly host: string;
  /** 0: any free port, the same one for every address that says 0. */
  readonly port: number;
}

export interface ListenOptions<S extends Server> {
  readonly addresses: readonly ListenAddress[];
  /** Called once per address (and again when a port must be chosen anew): a Node server listens on one address only. */
  readonly createServer: () => S;
  /** What a user can do when a port is taken, as a sentence: the flag and the environment variable that change it. */
  readonly portHint: string;
}

export interface Listening<S extends Server> {
  readonly servers: readonly S[];
  /** What the servers are bound to, in the same order. */
  readonly listening: readonly ListenAddress[];
}

/** How often a port of our own choice may turn out to be taken on another address. */
const ATTEMPTS = 20;

/**
 * Listens on several addresses at once: all of them or none. An IPv6 address that this machine does not have is left
 * out as long as another one remains, so that `127.0.0.1` and `::1` can be the default everywhere.
 * @throws PerchError PORT_IN_USE (names the port, with `portHint`), ADDRESS_UNAVAILABLE, USAGE (a port that may not be used)
 */
export async function listenOnAll<S extends Server>(options: ListenOptions<S>): Promise<Listening<S>> {
  for (let attempt = 1; ; attempt++) {
    const bound: { server: S; address: ListenAddress }[] = [];
    try {
      await bindAll(options, bound);
      return { servers: bound.map(({ server }) => server), listening: bound.map(({ address }) => address) };
    } catch (error) {
      for (const { server } of bound) server.close();
      if (!(error instanceof ChosenPortTaken && attempt < ATTEMPTS)) throw error;
    }
  }
}

/** The port that the system chose on the first address is taken on another: choose again. */
class ChosenPortTaken extends Error {}

async function bindAll<S extends Server>(
  { addresses, createServer, portHint }: ListenOptions<S>,
  bound: { server: S; address: ListenAddress }[],
): Promise<void> {
  let chosen: number | undefined;
  let unavailable: PerchError | undefined;
  for (const { host, port } of addresses) {
    const wanted = port === 0 ? (chosen ?? 0) : port;
    const server = createServer();
    try {
      const address = await bind(server, host, wanted);
      bound.push({ server, address });
      if (port === 0) chosen = address.port;
    } catch (error) {
      if (port === 0 && chosen !== undefined && codeOf(error) === "EADDRINUSE") throw new ChosenPortTaken();
      const failure = listenError(error, host, wanted, portHint);
      if (!isAbsentIpv6(error, host)) throw failure;
      unavailable = failure;
    }
  }
  if (bound.length === 0 && unavailable !== undefined) throw unavailable;
}

async function bind(server: Server, host: string, port: number): Promise<ListenAddress> {
  server.listen({ host, port });
  await once(server, "listening");
  const { address, port: actual } = server.address() as AddressInfo;
  return { host: address, port: actual };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function isAbsentIpv6(error: unknown, host: string): boolean {
  const code = codeOf(error);
  return host.includes(":") && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT");
}

function listenError(cause: unknown, host: string, port: number, portHint: string): PerchError {
  if (codeOf(cause) === "EADDRINUSE") {
    const message = `Port ${port} on ${host} is taken by another program.`;
    return new PerchError({ code: "PORT_IN_USE", message, hint: portHint, fault: "user" }, { cause });
  }
  if (codeOf(cause) === "EADDRNOTAVAIL") {
    const message = `${host} is no address of this machine, or not yet.`;
    const hint =
      "Name one that it has (`ip addr`): behind a cloud's address translation, that is the private one.";
    return new PerchError({ code: "ADDRESS_UNAVAILABLE", message, hint, fault: "environment" }, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Cannot listen on ${host}, port ${port}: ${reason}.`;
  const hint = "Use an address of this machine and a port that this user may open (1024 and above).";
  return new PerchError({ code: "USAGE", message, hint, fault: "user" }, { cause });
}
