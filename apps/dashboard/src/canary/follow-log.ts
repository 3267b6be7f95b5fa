import { apiUrl } from "../base.ts";

/** Milliseconds before a log is asked for again after it ended. */
const PAUSE = 2_000;

/** Who is told what of a log. */
export interface LogListener {
  /** From the beginning again. */
  onStart(): void;
  onText(text: string): void;
  onError(message: string): void;
}

/** Follows a log until the signal aborts; begins again when the connection ends. Never rejects. */
export async function followLog(
  query: URLSearchParams,
  listener: LogListener,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await readOnce(query, listener, signal);
    } catch (error) {
      if (!signal.aborted) listener.onError((error as Error).message);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function readOnce(query: URLSearchParams, listener: LogListener, signal: AbortSignal): Promise<void> {
  const response = await fetch(apiUrl(`/api/logs?${query}`), { signal });
  if (!response.ok || response.body === null) {
    const { message } = (await response.json().catch(() => ({}))) as { message?: string };
    throw new Error(message ?? `The engine answered ${response.status}.`);
  }
  listener.onStart();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    listener.onText(decoder.decode(value, { stream: true }));
  }
}
