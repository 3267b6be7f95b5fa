import { isIP } from "node:net";

/**
 * Whether a Host header is one that no page of another site can bring about: `localhost` and names below it, or an IP
 * address, or a name that was configured. DNS rebinding needs a name of the attacker's own.
 * @param names lower case
 */
export function isTrustedHost(host: string, names: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const address = /^\[(.*)\]$/.exec(name)?.[1] ?? name;
  return names.includes(name) || name === "localhost" || name.endsWith(".localhost") || isIP(address) !== 0;
}
