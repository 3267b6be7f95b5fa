/** Traefik v3 rules and what they are made of. Their text goes between backquotes, which no part of it contains. */

/** Whether a path is under a prefix. `PathPrefix` alone is a plain string prefix: `/api` would take `/apix`. */
export function pathRule(prefix: string): string {
  return prefix === "/" ? "PathPrefix(`/`)" : `(Path(\`${prefix}\`) || PathPrefix(\`${prefix}/\`))`;
}

export function hostRule(host: string): string {
  return `Host(\`${host}\`)`;
}

const HEADER = "X-Canary";
const PR = "[1-9][0-9]{0,9}";
const SERVICE = "[a-z]([-a-z0-9]{0,38}[a-z0-9])?";
const ENTRY = `${SERVICE}=${PR}`;

function headerMatches(expression: string): string {
  return `HeaderRegexp(\`${HEADER}\`, \`${expression}\`)`;
}

/** A number, or a list of this service alone: compared as strings behind it. */
export function exactSelector(service: string): string {
  return headerMatches(`^(${service}=)?${PR}$`);
}

/** Every valid list (DESIGN section 3), so that the operator's middlewares see it also where it names other services. */
export function anyListSelector(): string {
  return `${headerMatches("^.{1,256}$")} && ${headerMatches(`^${ENTRY}(,${ENTRY}){0,15}$`)}`;
}

/** The exact forms that select one canary. */
export function isExactly(service: string, pr: string): string {
  return `Header(\`${HEADER}\`, \`${pr}\`) || Header(\`${HEADER}\`, \`${service}=${pr}\`)`;
}

/** A list that names one canary. */
export function listNames(service: string, pr: string): string {
  return headerMatches(`(^|,)${service}=${pr}(,|$)`);
}

/** A list that does not name the service. */
export function listSkips(service: string): string {
  return `!${headerMatches(`(^|,)${service}=`)}`;
}

/** Hosts that may be share links: one label with a canary in it, below the edge host. */
export function linkHosts(host: string): string {
  return `HostRegexp(\`^(${SERVICE}-)?pr-${PR}\\.${escaped(host)}$\`)`;
}

/** The names under which callers reach an apex Service, with any cluster domain. A port is not part of what is matched. */
export function apexHosts(service: string, namespace: string): string {
  return `HostRegexp(\`^${service}(\\.${namespace}(\\.svc(\\..+)?)?)?$\`)`;
}

function escaped(host: string): string {
  return host.replaceAll(".", "\\.");
}
