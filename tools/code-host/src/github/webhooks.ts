import { createHmac, randomUUID } from "node:crypto";

/** Where events go, and the secret that signs them. */
export interface Hook {
  readonly url: string;
  readonly secret: string;
  /** `owner/name`; absent: events of every repository. */
  readonly repo?: string;
}

/** One attempt to deliver. GitHub makes no second one. */
export interface Delivery {
  readonly url: string;
  readonly event: string;
  readonly action: string;
  readonly repo: string;
  readonly number: number;
  /** Status of the answer; 0 if there was none. */
  readonly status: number;
}

/** Value of `X-Hub-Signature-256`: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export function signature(secret: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** Posts a signed event; the answer's status, or 0 when nobody answered within ten seconds. */
export async function deliver(hook: Hook, event: string, payload: object): Promise<number> {
  const body = JSON.stringify(payload);
  const response = await fetch(hook.url, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(10_000),
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/perch-bed",
      "x-github-event": event,
      "x-github-delivery": randomUUID(),
      "x-hub-signature": `sha1=${createHmac("sha1", hook.secret).update(body).digest("hex")}`,
      "x-hub-signature-256": signature(hook.secret, body),
    },
  }).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status ?? 0;
}
