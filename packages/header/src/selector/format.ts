import type { Selector } from "./types.ts";

/**
 * The text of a selector, in its one canonical form: a list is sorted by service name. The selector must come from
 * `parseSelector`, `prSelector` or `listSelector`; then the text parses to it again.
 */
export function formatSelector(selector: Selector): string {
  if (selector.kind === "pr") return String(selector.pr);
  // Names are ASCII, so the default order of code units is the alphabet's, alike in every locale.
  const services = [...selector.entries.keys()].sort();
  return services.map((service) => `${service}=${selector.entries.get(service)}`).join(",");
}

/** The PR that the selector asks for of one service; `undefined` means stable. */
export function selectedPr(selector: Selector, service: string): number | undefined {
  return selector.kind === "pr" ? selector.pr : selector.entries.get(service);
}
