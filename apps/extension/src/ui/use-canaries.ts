import { useEffect, useState } from "preact/hooks";
import { type LiveCanary, liveCanaries } from "../canaries/canaries.ts";

/** Live canaries of a status API, or why they are not there. */
export type CanaryList =
  | { readonly kind: "none" }
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "there"; readonly canaries: readonly LiveCanary[] };

/** Milliseconds. */
const TIMEOUT = 5_000;

/** Asks the status API once. @param statusUrl empty: none is configured. */
export function useCanaries(statusUrl: string): CanaryList {
  const [list, setList] = useState<CanaryList>({ kind: "none" });
  useEffect(() => {
    if (statusUrl === "") return setList({ kind: "none" });
    const leaving = new AbortController();
    setList({ kind: "loading" });
    ask(statusUrl, AbortSignal.any([leaving.signal, AbortSignal.timeout(TIMEOUT)])).then(
      (canaries) => setList({ kind: "there", canaries }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setList({ kind: "failed", why: String(error) });
      },
    );
    return () => leaving.abort();
  }, [statusUrl]);
  return list;
}

async function ask(statusUrl: string, signal: AbortSignal): Promise<LiveCanary[]> {
  const response = await fetch(`${statusUrl}/api/status`, { signal, credentials: "omit" });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return liveCanaries(await response.json());
}
