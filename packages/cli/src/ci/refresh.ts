import { createHmac } from "node:crypto";
import { PerchError } from "@perch/core";

/** Milliseconds for one attempt. */
const PATIENCE = 10_000;
const ATTEMPTS = 3;

/**
 * Posts an event to Argo CD's applicationset-controller as GitHub does, signed: `X-Hub-Signature-256`,
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 * @param pause milliseconds before the second attempt, twice that before the third
 * @throws PerchError WEBHOOK_FAILED
 */
export async function postEvent(url: string, secret: string, event: object, pause = 1_000): Promise<void> {
  const body = JSON.stringify(event);
  const headers = {
    "content-type": "application/json",
    "user-agent": "perch",
    "x-github-event": "pull_request",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
  let last = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // A redirect would carry the signed event to another host.
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal }).catch(
      (error: unknown) => reasonOf(error),
    );
    if (typeof answer !== "string") {
      await answer.body?.cancel();
      if (answer.ok) return;
      if (answer.status < 500) throw refused(url, `it answered ${answer.status}`);
    }
    last = typeof answer === "string" ? answer : `it answered ${answer.status}`;
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, pause * attempt));
  }
  throw refused(url, last);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code ?? (error instanceof Error ? error.name : "no answer");
}

function refused(url: string, why: string): PerchError {
  return new PerchError({
    code: "WEBHOOK_FAILED",
    message: `Argo CD does not take the event at ${new URL(url).origin}: ${why}.`,
    hint: "Compare PERCH_WEBHOOK_SECRET with webhook.github.secret of argocd-secret. Without it the next poll finds the same.",
    fault: "environment",
  });
}
