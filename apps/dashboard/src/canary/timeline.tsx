import type { TimelineEntry, VariantStatus } from "@perch/core";
import { useEffect, useState } from "preact/hooks";
import { fetchJson } from "../base.ts";
import { Icon } from "../parts/icon.tsx";
import { Since } from "../parts/since.tsx";
import { plainText } from "../words.ts";
import { timelineWords } from "./timeline-words.ts";

/** What happened to a variant since the engine started. */
export function Timeline({ variant }: { variant: VariantStatus }) {
  const [entries, setEntries] = useState<readonly TimelineEntry[]>([]);
  const [error, setError] = useState<string>();
  const { service, pr } = variant;
  // Asked for again whenever the variant changed.
  const version = JSON.stringify([
    variant.state,
    variant.since,
    variant.revision,
    variant.next,
    variant.failure?.at,
  ]);
  useEffect(() => {
    const abort = new AbortController();
    const query = new URLSearchParams({ service, ...(pr === undefined ? {} : { pr: String(pr) }), version });
    fetchJson<{ entries: TimelineEntry[] }>(`/api/timeline?${query}`, { signal: abort.signal }).then(
      (answer) => {
        setEntries(answer.entries);
        setError(undefined);
      },
      (reason: Error) => {
        if (!abort.signal.aborted) setError(reason.message);
      },
    );
    return () => abort.abort();
  }, [service, pr, version]);
  return (
    <>
      {error !== undefined && <p class="dim">The timeline cannot be read: {error}</p>}
      <ol class="timeline">
        {timelineWords(entries).map(({ at, icon, title, detail }, index) => (
          <li key={entries.length - index} class={`state-${icon}`}>
            <Icon name={icon} />
            <span>
              <strong>{title}</strong> <span class="detail">{plainText(detail)}</span>
            </span>
            <span class="dim">
              <Since at={at} ago />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
