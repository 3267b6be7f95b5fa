import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PerchError } from "@perch/core";

/** Milliseconds for one attempt. */
const PATIENCE = 10_000;
const ATTEMPTS = 3;
/** Milliseconds before the second attempt, twice that before the third. */
const PAUSE = 1_000;

/** Milliseconds; a look at a few dozen pull requests takes one or two seconds. */
const AFTER_A_LOOK = 2_000;

/**
 * Makes Argo CD look again. Twice: a controller that is looking marks nothing new, and so loses what is posted meanwhile.
 * @throws PerchError WEBHOOK_FAILED
 */
export async function refreshByWebhook(url: string, secret: string, event: object): Promise<void> {
  await postEvent(url, secret, event);
  await sleep(AFTER_A_LOOK);
  await postEvent(url, secret, event);
}

/**
 * Posts an event to Argo CD's applicationset-controller as GitHub does, signed: `X-Hub-Signature-256`,
 * https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 * @throws PerchError WEBHOOK_FAILED
 */
async function postEvent(url: string, secret: string, event: object): Promise<void> {
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
    if (attempt < ATTEMPTS) await sleep(PAUSE * attempt);
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
