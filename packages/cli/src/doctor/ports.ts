import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { PortFact, Status } from "@perch/core";
import type { EngineRecord } from "@perch/engine/state";
import type { DoctorFlags } from "../commands/doctor.ts";

/** Milliseconds that whatever has a port may take to say that it is perch. */
const TIMEOUT = 2_000;

/** The ports that `perch up` would listen on, and who has them. @param engine the one of this state folder. */
export async function portFacts(flags: DoctorFlags, engine: EngineRecord | undefined): Promise<PortFact[]> {
  const { host: hosts, edgePort, statusPort, webhookPort, redirectPort } = flags;
  const wanted = [
    { use: "edge", flag: "--edge-port", port: edgePort, hosts },
    { use: "status API", flag: "--status-port", port: statusPort, hosts: hosts.slice(0, 1) },
    ...(webhookPort === undefined
      ? []
      : [{ use: "webhook", flag: "--webhook-port", port: webhookPort, hosts }]),
    ...(redirectPort === undefined
      ? []
      : [{ use: "way to https", flag: "--redirect-port", port: redirectPort, hosts }]),
  ].filter(({ port }) => port !== 0);
  const own = engine?.statusUrl === undefined ? undefined : await statusAt(engine.statusUrl);
  return Promise.all(
    wanted.map(async ({ hosts: addresses, ...fact }) => {
      const reason = await whyTaken(addresses, fact.port);
      if (reason === undefined) return { ...fact, state: FREE };
      const state = await holderOf(fact.port, reason, own, statusPort);
      return { ...fact, state: state.kind === "taken" && reason === NOT_ALLOWED ? FORBIDDEN : state };
    }),
  );
}

const FREE = { kind: "free" } as const;
const FORBIDDEN = { kind: "forbidden" } as const;
const NOT_ALLOWED = "this user may not open it";

async function holderOf(
  port: number,
  reason: string,
  own: Status | undefined,
  statusPort: number,
): Promise<PortFact["state"]> {
  if (own !== undefined && (portsOf(own).has(port) || (await leadsTo(port, own))))
    return { kind: "this-engine" };
  const other = await statusAt(`http://127.0.0.1:${statusPort}`);
  if (other === undefined || (port !== statusPort && !portsOf(other).has(port)))
    return { kind: "taken", reason };
  return { kind: "other-engine", stateDir: other.engine.stateDir };
}

function portsOf({ edge, engine }: Status): Set<number> {
  const addresses = [
    ...edge.listening,
    ...[engine.statusUrl, engine.webhookUrl].flatMap((url) => (url === undefined ? [] : [new URL(url).host])),
  ];
  return new Set(addresses.map((address) => Number(address.slice(address.lastIndexOf(":") + 1))));
}

/** Whether what listens there only leads to an engine's edge. */
async function leadsTo(port: number, { edge }: Status): Promise<boolean> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual", signal }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  return response?.status === 308 && response.headers.get("location") === `${edge.url}/`;
}

/** The status of a perch engine; `undefined` where something else answers, or nothing. */
async function statusAt(url: string): Promise<Status | undefined> {
  try {
    const response = await fetch(new URL("/api/status", url), { signal: AbortSignal.timeout(TIMEOUT) });
    const status = (await response.json()) as Partial<Status>;
    return typeof status.engine?.stateDir === "string" && Array.isArray(status.edge?.listening)
      ? (status as Status)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the system says against listening; `undefined`: nothing. What is more than that the port is forbidden comes first. */
async function whyTaken(hosts: readonly string[], port: number): Promise<string | undefined> {
  let isForbidden = false;
  for (const host of hosts) {
    const error = await listenError(host, port);
    const reason = error === undefined ? undefined : await reasonOf(error, host, port);
    if (reason === NOT_ALLOWED) isForbidden = true;
    else if (reason !== undefined) return reason;
  }
  return isForbidden ? NOT_ALLOWED : undefined;
}

async function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}

/** `undefined` for an IPv6 address that is not there: it is left out, as the engine does. */
async function reasonOf(
  { code, message }: NodeJS.ErrnoException,
  host: string,
  port: number,
): Promise<string | undefined> {
  if (host.includes(":") && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) return undefined;
  const isTaken = code === "EADDRINUSE" || (code === "EACCES" && (await accepts(host, port)));
  if (isTaken) return `another program has it on ${host}`;
  // The system says so before it looks whether somebody has it.
  if (code === "EACCES" && port < 1024) return NOT_ALLOWED;
  return code === "EADDRNOTAVAIL" ? `${host} is no address of this machine: see --host` : message;
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: TIMEOUT });
  try {
    await Promise.race([once(socket, "connect"), once(socket, "timeout").then(() => Promise.reject())]);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
