import { createHmac, timingSafeEqual } from "node:crypto";

/** Checks a body against `X-Hub-Signature-256` while it comes in, so that nothing of it has to be kept. */
export interface SignatureCheck {
  add(chunk: Buffer): void;
  /** After the last chunk. Takes as long for any wrong signature. */
  isValid(): boolean;
}

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export function checkSignature(secret: string, header: string | undefined): SignatureCheck {
  const hmac = createHmac("sha256", secret);
  const [, claimed = ""] = /^sha256=([0-9a-f]{64})$/.exec(header ?? "") ?? [];
  return {
    add: (chunk) => hmac.update(chunk),
    isValid: () => {
      const expected = hmac.digest();
      const given = Buffer.from(claimed, "hex");
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
