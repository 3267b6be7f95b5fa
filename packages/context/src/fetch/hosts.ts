import { checkedService } from "../identity.ts";

/**
 * The hosts that may get the selector, and the service behind each: `{ "store:8080": "store", "api.internal": "api" }`.
 * A host without a port is the default port of `http` or `https`; there are no wildcards.
 */
export type CanaryHosts = Readonly<Record<string, string>>;

/** The service at a URL; `undefined` if its host is not listed. */
export type ServiceAt = (url: URL) => string | undefined;

const HOST = /^(?:\[[0-9a-f:.]+\]|[-\w.]+)(?::[0-9]{1,5})?$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * Reads the list once.
 *
 * @throws Error that names the entry that is no host, or whose service has no valid name.
 */
export function serviceAt(hosts: CanaryHosts): ServiceAt {
  const services = new Map<string, string>();
  for (const [host, service] of Object.entries(hosts)) {
    services.set(checkedHost(host), checkedService(service, `the service of hosts["${host}"]`));
  }
  return ({ protocol, hostname, port }) => {
    const defaultPort = DEFAULT_PORTS[protocol];
    if (defaultPort === undefined) return undefined;
    const listed = services.get(`${hostname}:${port || defaultPort}`);
    return listed ?? (port === "" ? services.get(hostname) : undefined);
  };
}

/** In the form that `URL` gives a host, but with its port even where that is the default. */
function checkedHost(host: string): string {
  const url = HOST.test(host) ? URL.parse(`http://${host}`) : null;
  if (url === null) {
    throw new Error(
      `perch: hosts["${host}"] is no host: write "name" or "name:port", without scheme, path or "*"`,
    );
  }
  const port = /:([0-9]+)$/.exec(host)?.[1];
  return port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`;
}
