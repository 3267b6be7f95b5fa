import type { Measurements } from "@perch/core";
import { useEffect, useState } from "preact/hooks";
import { fetchJson } from "../base.ts";

/** Milliseconds between two questions. */
const EVERY = 2_000;

/** The measurements of a service in its last minutes, renewed while the page is looked at. */
export function useMeasurements(
  service: string,
  minutes: number,
): {
  data: Measurements | undefined;
  error: string | undefined;
} {
  const [data, setData] = useState<Measurements>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    const ask = async () => {
      if (document.hidden) return;
      try {
        setData(
          await fetchJson<Measurements>(`/api/measurements?${question(service, minutes)}`, {
            signal: abort.signal,
          }),
        );
        setError(undefined);
      } catch (reason) {
        if (!abort.signal.aborted) setError((reason as Error).message);
      }
    };
    void ask();
    const timer = setInterval(ask, EVERY);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [service, minutes]);
  return { data, error };
}

/** A short time in fine steps, so that a chart has about as many points. */
function question(service: string, minutes: number): URLSearchParams {
  const since = Math.floor(Date.now() / 1000) - 60 * minutes;
  const step = Math.ceil(minutes / 3);
  return new URLSearchParams({ service, since: String(since), step: String(step) });
}
