/** One host that gets the selector: `localhost:8080`. Without a port: the standard ports, 80 and 443. */
export type Target = string;

/** What was typed, as a target or as what is wrong with it. */
export type TargetResult =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly why: string };

/** Reads a host, a host with a port, or any address on it: `https://api.dev.example.com/items`. */
export function parseTarget(text: string): TargetResult {
  const typed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed);
  const url = URL.parse(hasScheme ? typed : `http://${typed}`);
  if (typed === "" || url === null || !isHost(url.hostname)) {
    return no("This is no host. Write it like api.dev.example.com or localhost:8080.");
  }
  if (!["http:", "https:"].includes(url.protocol)) return no("Only hosts of http and https can be listed.");
  if (url.username !== "" || url.password !== "") return no("Leave out the name and password before the @.");
  return { ok: true, target: hasScheme ? url.host : hostOf(typed, url) };
}

/** A port that was typed stays, also where it is the standard one of the scheme that was put before it. */
function hostOf(typed: string, url: URL): Target {
  return /^[^/?#]*:80(?:[/?#]|$)/.test(typed) ? `${url.hostname}:80` : url.host;
}

/** A wildcard would be more hosts than the one that is named. */
function isHost(hostname: string): boolean {
  return /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)$/.test(hostname);
}

/** The port of a target; undefined: the standard ones. */
export function portOf(target: Target): string | undefined {
  return /:(\d+)$/.exec(target)?.[1];
}

export function hostnameOf(target: Target): string {
  return target.replace(/:\d+$/, "");
}

/** Whether an address is on a target, as the rules of the browser see it. */
export function isOnTarget(url: URL, target: Target): boolean {
  if (!/^(?:https?|wss?):$/.test(url.protocol)) return false;
  const port = portOf(target);
  if (url.hostname !== hostnameOf(target)) return false;
  if (port === undefined) return url.port === "";
  const standard = /^(?:http|ws):$/.test(url.protocol) ? "80" : "443";
  return (url.port === "" ? standard : url.port) === port;
}

function no(why: string): TargetResult {
  return { ok: false, why };
}
