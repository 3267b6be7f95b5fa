/** Where a request wants to go, whatever form its target had (RFC 9112, section 3.2). */
export interface Target {
  /** Origin form: path and query, as sent. */
  readonly url: string;
  /** Path without query. */
  readonly path: string;
  /** Host with or without port; `undefined` where an HTTP/1.0 client sent none. */
  readonly host: string | undefined;
}

const ABSOLUTE = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;
/** What may not stand in a request line; the backends' client refuses it too. */
const NOT_IN_TARGET = /[^\x21-\xff]/;

/**
 * Reads a request target. The authority of the absolute form wins over the Host header, as RFC 9112 (3.2.2) demands.
 * @returns `undefined` for a target that cannot be forwarded.
 */
export function readTarget(target: string, hostHeader: string | undefined): Target | undefined {
  if (NOT_IN_TARGET.test(target)) return undefined;
  if (target.startsWith("/")) return originForm(target, hostHeader);
  const match = ABSOLUTE.exec(target);
  if (match === null) return undefined;
  const [, authority, rest = "/"] = match;
  return originForm(rest.startsWith("/") ? rest : `/${rest}`, authority);
}

function originForm(url: string, host: string | undefined): Target {
  const query = url.indexOf("?");
  return { url, path: query === -1 ? url : url.slice(0, query), host };
}
