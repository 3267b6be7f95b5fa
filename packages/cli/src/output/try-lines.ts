import type { StatusDocument, VariantStatus } from "@perch/core";

/** Example requests for what runs now, ready to paste: stable, single canaries, a list, a share link. */
export function tryLines(status: StatusDocument): string[] {
  const path = status.edge.tryPath;
  const url = `${status.edge.url}${path}`;
  const canaries = status.services
    .flatMap((service) => service.canaries)
    .filter(({ state }) => state === "ready" || state === "sleeping")
    .sort((a, b) => (a.pr ?? 0) - (b.pr ?? 0));
  const selectors = [
    ...new Set(canaries.flatMap(({ selector }) => (selector === undefined ? [] : [selector]))),
  ];
  const lines = [
    `curl ${url}`,
    ...selectors.slice(0, 2).map((selector) => `curl -i -H 'X-Canary: ${selector}' ${url}`),
  ];
  const list = listSelector(canaries);
  if (list !== undefined) lines.push(`curl -i -H 'X-Canary: ${list}' ${url}`);
  const link = canaries.find(({ shareLink }) => shareLink !== undefined)?.shareLink;
  if (link !== undefined) {
    const { host, origin } = new URL(link);
    lines.push(`curl -i ${origin}${path}`);
    // With TLS the name decides which certificate is shown, too.
    if (url.startsWith("http:"))
      lines.push(`# where ${host} does not resolve: curl -i -H 'Host: ${host}' ${url}`);
  }
  return lines;
}

/** One canary of each of two services, so that the line shows what the bare number cannot say. */
function listSelector(canaries: readonly VariantStatus[]): string | undefined {
  const first = new Map<string, number>();
  for (const { service, pr } of canaries) {
    if (pr !== undefined && !first.has(service)) first.set(service, pr);
  }
  if (first.size < 2) return undefined;
  const entries = [...first].sort(([a], [b]) => a.localeCompare(b));
  return entries.map(([service, pr]) => `${service}=${pr}`).join(",");
}
