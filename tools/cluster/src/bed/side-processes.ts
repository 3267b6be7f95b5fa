import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Forward } from "./forward.ts";
import { ADDRESSES, type Layout, PORTS } from "./layout.ts";
import type { ProcessSpec } from "./process.ts";

const SOURCES = join(import.meta.dirname, "..");

/** DynamoDB Local, with its data in memory and one database for all keys and regions. */
export function dynamodb(layout: Layout): ProcessSpec {
  return {
    name: "dynamodb",
    network: layout.network,
    command: [
      join(layout.bin, "dynamodb-local"),
      "-port",
      String(PORTS.dynamodb),
      "-inMemory",
      "-sharedDb",
      "-disableTelemetry",
    ],
    // it answers 400 to whoever names no operation: any answer will do
    ready: ["curl", "-s", "-o", "/dev/null", `http://127.0.0.1:${PORTS.dynamodb}/`],
    readyWithinSeconds: 60,
  };
}

/** GitHub's API and git over HTTP. */
export function codeHost(layout: Layout): ProcessSpec {
  return {
    name: "code-host",
    network: layout.network,
    command: [
      process.execPath,
      "--conditions=perch-source",
      fileURLToPath(import.meta.resolve("@perch/code-host/main")),
      "0.0.0.0",
      String(PORTS.git),
      String(PORTS.github),
      layout.repositories,
      join(layout.state, "github.json"),
      INNER_URLS.github,
    ],
    ready: ["curl", "-s", "-o", "/dev/null", `http://127.0.0.1:${PORTS.github}/`],
    readyWithinSeconds: 20,
  };
}

/** What the host reaches through loopback ports, by name. */
export const REACHABLE = {
  kubernetes: { host: "127.0.0.1", port: PORTS.kubernetes },
  edge: { host: ADDRESSES.edge, port: 80 },
  edgeTls: { host: ADDRESSES.edge, port: 443 },
  git: { host: "127.0.0.1", port: PORTS.git },
  github: { host: "127.0.0.1", port: PORTS.github },
  argocdWebhook: { host: "127.0.0.1", port: PORTS.argocdWebhook },
  dynamodb: { host: "127.0.0.1", port: PORTS.dynamodb },
} as const;

export type Reachable = keyof typeof REACHABLE;

/** The same by the addresses that work inside the bed's network, in pods too. */
export const INNER_URLS: Readonly<Record<Reachable, string>> = {
  kubernetes: `https://${ADDRESSES.api}:${PORTS.kubernetes}`,
  edge: `http://${ADDRESSES.edge}`,
  edgeTls: `https://${ADDRESSES.edge}`,
  git: `http://${ADDRESSES.api}:${PORTS.git}`,
  github: `http://${ADDRESSES.api}:${PORTS.github}`,
  argocdWebhook: `http://${ADDRESSES.api}:${PORTS.argocdWebhook}/api/webhook`,
  dynamodb: `http://${ADDRESSES.api}:${PORTS.dynamodb}`,
};

/** File in which the host's forwarder says its ports. */
export function portsFile(layout: Layout): string {
  return join(layout.state, "ports.json");
}

/** The two forwarders. `ports` are those of an earlier start, so that URLs stay the same; 0 or absent: any free one. */
export function forwarders(layout: Layout, ports: Readonly<Record<string, number>>): ProcessSpec[] {
  const names = Object.keys(REACHABLE) as Reachable[];
  const socket = (name: string) => ({ path: join(layout.runtime, `${name}.sock`) });
  const inner = names.map((name): Forward => ({ name, from: socket(name), to: REACHABLE[name] }));
  const outer = names.map(
    (name): Forward => ({ name, from: { host: "127.0.0.1", port: ports[name] ?? 0 }, to: socket(name) }),
  );
  const innerFile = join(layout.runtime, "inner-ports.json");
  return [
    forwarder("forward-inside", layout.network, innerFile, inner),
    forwarder("forward-host", undefined, portsFile(layout), outer),
  ];
}

function forwarder(
  name: string,
  network: string | undefined,
  file: string,
  forwards: readonly Forward[],
): ProcessSpec {
  const program = join(SOURCES, "bed", "forward.ts");
  return {
    name,
    network,
    command: [process.execPath, "--conditions=perch-source", program, file, JSON.stringify(forwards)],
    ready: ["test", "-s", file],
    readyWithinSeconds: 20,
  };
}
