/** Longest selector, in bytes, without the white space around it. */
export const MAX_SELECTOR_BYTES = 256;

/** Most services that one list can name. */
export const MAX_SELECTOR_ENTRIES = 16;

/** Longest service name, in bytes: with `-canary-pr-` and ten digits it stays a DNS label of at most 63. */
export const MAX_SERVICE_NAME_BYTES = 40;

/** Highest PR number: ten digits, far inside what a JavaScript number holds exactly. */
export const MAX_PR_NUMBER = 9_999_999_999;

const MAX_PR_DIGITS = String(MAX_PR_NUMBER).length;
const ZERO = 0x30;
const NINE = 0x39;

// What can be tried again after a mismatch is bounded by the 40 characters, so a long hostile name costs no more.
const SERVICE_NAME = /^[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?$/;

/** `<service>-canary-pr-<N>` is a canary's name: a service with this inside could pass for the canary of another. */
const CANARY_INFIX = "-canary-pr-";

/** Whether a selector can name this service: `[a-z]([-a-z0-9]{0,38}[a-z0-9])?`, not containing `-canary-pr-`. */
export function isServiceName(name: string): boolean {
  return typeof name === "string" && SERVICE_NAME.test(name) && !name.includes(CANARY_INFIX);
}

/** Whether a selector can name this PR: a whole number from 1 to 9999999999. */
export function isPrNumber(pr: number): boolean {
  return Number.isSafeInteger(pr) && pr >= 1 && pr <= MAX_PR_NUMBER;
}

/** Whether a UTF-16 code unit is an ASCII digit; `NaN`, which `charCodeAt` gives past the end, is none. */
export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** The PR number that `text` spells from `start` up to `end`; 0, which is no PR, when it spells none. */
export function readPrNumber(text: string, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > MAX_PR_DIGITS || text.charCodeAt(start) === ZERO) return 0;
  let pr = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return 0;
    pr = pr * 10 + (code - ZERO);
  }
  return pr;
}
