import { isIP } from "node:net";

/**
 * Whether a Host header is one that no page of another site can bring about: `localhost` and names below it, or an IP
 * address. DNS rebinding needs a name of the attacker's own.
 */
export function isTrustedHost(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const address = /^\[(.*)\]$/.exec(name)?.[1] ?? name;
  return name === "localhost" || name.endsWith(".localhost") || isIP(address) !== 0;
}
