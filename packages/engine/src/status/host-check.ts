import { BlockList, isIP } from "node:net";

/** What a socket listens on for all addresses of the machine: no address that anybody is reached by. */
const WILDCARDS: readonly string[] = ["0.0.0.0", "::"];

/**
 * Whether a Host header is one that no page of another site can bring about: `localhost` and names below it, a loopback
 * address, or what was configured. DNS rebinding needs a name of the attacker's own.
 * @param trusted names in lower case, and IP addresses
 * @param listening IP addresses that are listened on
 */
export function isTrustedHost(
  host: string,
  trusted: readonly string[],
  listening: readonly string[] = [],
): boolean {
  const name = nameIn(host);
  if (isIP(name) === 0) return trusted.includes(name) || name === "localhost" || name.endsWith(".localhost");
  const addresses = new BlockList();
  addresses.addSubnet("127.0.0.0", 8);
  for (const one of ["::1", ...trusted, ...listening.filter((address) => !WILDCARDS.includes(address))])
    if (isIP(one) !== 0) addresses.addAddress(one, family(one));
  return addresses.check(name, family(name));
}

/** The name or address in a Host header, without its port: `localhost`, `10.0.0.7`, `fd00::7`. */
export function nameIn(host: string): string {
  return withoutBrackets(host.toLowerCase().replace(/:\d+$/, ""));
}

/** An IPv6 address as it is in a URL, or as it is. */
export function withoutBrackets(name: string): string {
  return /^\[(.*)\]$/.exec(name)?.[1] ?? name;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
