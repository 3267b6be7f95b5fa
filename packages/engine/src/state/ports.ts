import { join } from "node:path";
import { readJson, writeJson } from "./json-file.ts";
import type { StateDir } from "./state-dir.ts";

/**
 * The ports that processes were told of. The next engine takes the same ones, so that processes that outlive an engine
 * reach each other through it.
 */
export interface KnownPorts {
  /** `undefined`: none is known. */
  of(name: string): number | undefined;
  keep(name: string, port: number): Promise<void>;
}

export async function openPorts({ root }: StateDir): Promise<KnownPorts> {
  const path = join(root, "ports.json");
  const ports = new Map<string, number>();
  const written = await readJson(path);
  for (const [name, port] of Object.entries(typeof written === "object" ? (written ?? {}) : {})) {
    if (Number.isInteger(port) && port > 0 && port < 65_536) ports.set(name, port);
  }
  return {
    of: (name) => ports.get(name),
    keep: async (name, port) => {
      if (ports.get(name) === port) return;
      ports.set(name, port);
      await writeJson(path, Object.fromEntries(ports));
    },
  };
}
