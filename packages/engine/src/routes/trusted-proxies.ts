import { BlockList, isIP } from "node:net";
import { PerchError } from "@perch/core";

/**
 * Whether an IP address is of a proxy that is believed.
 * @param networks addresses and CIDR ranges, such as `10.0.0.0/8` and `::1`
 * @throws PerchError USAGE
 */
export function trustedProxies(networks: readonly string[]): (peer: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return (peer) => {
    // An IPv4 client of a socket that takes both kinds; the interface of a link-local address.
    const address = peer.replace(/^::ffff:(?=[\d.]+$)|%.*$/gi, "");
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
  };
}

function add(list: BlockList, network: string): void {
  const [address = "", prefix, ...more] = network.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (version === 0 || more.length > 0 || !(length <= bits)) {
    const message = `${JSON.stringify(network)} is not an address or a range of addresses.`;
    const hint = "Name trusted proxies as 10.0.0.7 or 10.0.0.0/8.";
    throw new PerchError({ code: "USAGE", message, hint, fault: "user" });
  }
  list.addSubnet(address, length, version === 6 ? "ipv6" : "ipv4");
}
