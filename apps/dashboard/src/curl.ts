import type { EdgeStatus } from "@perch/core";

/** A request to paste into a shell, and what it does. */
export interface CurlLine {
  readonly what: string;
  readonly line: string;
}

/** How to reach a variant: stable plainly; a canary by header, by share link, and by a Host header where that name does not resolve. */
export function curlLines(
  edge: Pick<EdgeStatus, "url" | "tryPath">,
  canary: { readonly selector?: string; readonly shareLink?: string },
): CurlLine[] {
  const url = quoted(edge.url + edge.tryPath);
  if (canary.selector === undefined) return [{ what: "Stable", line: `curl -i ${url}` }];
  const lines = [{ what: "By header", line: `curl -i -H 'X-Canary: ${canary.selector}' ${url}` }];
  if (canary.shareLink === undefined) return lines;
  const { origin, host } = new URL(canary.shareLink);
  lines.push({ what: "By share link", line: `curl -i ${quoted(origin + edge.tryPath)}` });
  lines.push({ what: `Where ${host} does not resolve`, line: `curl -i -H 'Host: ${host}' ${url}` });
  return lines;
}

/** For a POSIX shell; left as it is where nothing in it means anything to one. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
