import { parseTrail } from "@perch/header";
import type { PageRecord, Served } from "../served/record.ts";
import {
  isWarning,
  trailLines,
  verdictOf,
  verdictOfPage,
  verdictText,
  verdictWords,
} from "../served/verdict.ts";

const MARKS = { canary: "◆", stable: "⚠", unreachable: "⚠", unknown: "?", untagged: "○" } as const;

/** Who served this page and its requests. */
export function ServedList({ record }: { readonly record: PageRecord }) {
  const { served, left } = record;
  if (served.length === 0) {
    return (
      <p class="dim">
        Nothing yet. Requests of this tab to listed hosts appear here; reload the page to see them. What a
        service worker answers never reaches the network, and so never appears.
      </p>
    );
  }
  const verdict = verdictOfPage(record);
  return (
    <>
      <p class={isWarning(verdict) ? "warning" : "sentence"} role="status">
        <span aria-hidden="true">{MARKS[verdict]}</span> {verdictText(verdict)}
      </p>
      <ul class="served">
        {served.toReversed().map((one) => (
          <ServedItem key={`${one.at} ${one.url}`} one={one} />
        ))}
      </ul>
      {left > 0 && <p class="dim">{left} older ones are left out.</p>}
    </>
  );
}

function ServedItem({ one }: { readonly one: Served }) {
  const verdict = verdictOf(one);
  const trail = parseTrail(one.trail);
  return (
    <li class={`is-${verdict}`}>
      <span class="request" title={one.url}>
        <span class="mark" aria-hidden="true">
          {MARKS[verdict]}
        </span>{" "}
        {one.method} {pathOf(one.url)} <span class="dim">{one.status}</span>
      </span>
      {trail === undefined ? (
        <span class="dim">{verdictWords(verdict)}</span>
      ) : (
        <ol class="trail">
          {trailLines(trail).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      )}
      {trail !== undefined && isWarning(verdict) && <strong class="warning">{verdictWords(verdict)}</strong>}
      {one.isCached && (
        <span class="dim">From the browser’s cache or a service worker: the selector was not sent.</span>
      )}
    </li>
  );
}

function pathOf(address: string): string {
  const url = URL.parse(address);
  return url === null ? address : `${url.host}${url.pathname}`;
}
