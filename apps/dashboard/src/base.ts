/** An address of the status API: below what the page's `perch-status-api` says, else at its own place. */
export function apiUrl(path: string): string {
  return `${apiBase().replace(/\/$/, "")}${path}`;
}

/** Whether the engine itself serves this page, and so may be asked by it to send requests. */
export function isOfEngine(): boolean {
  return apiBase() === "";
}

function apiBase(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="perch-status-api"]')?.content ?? "";
}

/** A JSON answer of the status API. @throws Error with the API's own message */
export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(apiUrl(path), init);
  const json: unknown = await response.json().catch(() => ({}));
  if (response.ok) return json as T;
  throw new Error(messageOf(json) ?? `The engine answered ${response.status}.`);
}

function messageOf(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { message, hint } = json as { message?: unknown; hint?: unknown };
  if (typeof message !== "string") return undefined;
  return typeof hint === "string" ? `${message} ${hint}` : message;
}
