import type { Case, Expectation } from "../case.ts";
import { INVALID, tagged, throughApi } from "./make.ts";

const SEVENTEEN = ["api=7", ...Array.from({ length: 16 }, (_, index) => `other-${index}=1`)].join(",");
/** 15 entries, each valid, together over 256 bytes. */
const TOO_LONG = [
  "api=7",
  ...Array.from({ length: 13 }, (_, index) => `a-longer-name-${String.fromCharCode(97 + index)}=123`),
  "b=1",
].join(",");

/** Whatever is not in the grammar counts as no selector: not acted on, not echoed, not sent on, and said in the trail. */
export const INVALID_SELECTORS: readonly Case[] = [
  tagged("an empty value is invalid", "", INVALID),
  tagged("zero is no pull request", "0", INVALID),
  tagged("a leading zero is invalid", "07", INVALID),
  tagged("a leading zero in a list is invalid", "api=07", INVALID),
  tagged("a sign is invalid", "+7", INVALID),
  tagged("a negative number is invalid", "-7", INVALID),
  tagged("a decimal point is invalid", "7.0", INVALID),
  tagged("an exponent is invalid", "7e0", INVALID),
  tagged("a hexadecimal number is invalid", "0x7", INVALID),
  tagged("a number of eleven digits is invalid", "10000000000", INVALID),
  tagged("a number of eleven digits in a list is invalid", "api=10000000000", INVALID),
  tagged("letters are invalid", "seven", INVALID),
  tagged("the name of a canary is no selector", "api-canary-pr-7", INVALID),
  tagged("a number and a list are not mixed", "7,store=45", INVALID),
  tagged("a list and a number are not mixed", "store=45,7", INVALID),
  tagged("two numbers are no list", "7,8", INVALID),
  tagged("a list does not end with a comma", "api=7,", INVALID),
  tagged("a list does not begin with a comma", ",api=7", INVALID),
  tagged("a list has no empty entry", "api=7,,store=45", INVALID),
  tagged("an entry without a number is invalid", "api=", INVALID),
  tagged("an entry without a name is invalid", "=7", INVALID),
  tagged("an entry has one equals sign", "api==7", INVALID),
  tagged("a service in upper case is invalid", "API=7", INVALID),
  tagged("a service with an underscore is invalid", "my_api=7", INVALID),
  tagged("a service that begins with a digit is invalid", "7api=7", INVALID),
  tagged("a service that ends with a hyphen is invalid", "api-=7", INVALID),
  tagged("a service of 41 characters is invalid", `${"a".repeat(41)}=7`, INVALID),
  tagged("a wildcard is invalid", "*", INVALID),
  tagged("an expression is no pull request", "api=7|8", INVALID),
  tagged("a semicolon is no separator", "api=7;store=45", INVALID),
  tagged("quotes are invalid", '"7"', INVALID),
  tagged("a percent-encoded list is invalid", "api%3D7", INVALID),
  tagged("a number with letters behind it is invalid", "7abc", INVALID),
  tagged("a list of 17 services is invalid", SEVENTEEN, INVALID),
  tagged("a list of more than 256 bytes is invalid", TOO_LONG, INVALID),
  tagged("a service named twice makes the list invalid", "api=7,api=8", INVALID, twice("api@8")),
  tagged(
    "a service named twice makes the list invalid in either order",
    "api=8,api=7",
    INVALID,
    twice("api@8"),
  ),
  tagged("a service named twice with the same number makes the list invalid", "api=7,api=7", INVALID, {
    deviates: { traefik: { why: "an expression cannot count", expect: canaryOf("api@7") } },
  }),
  tagged("another service named twice makes the list invalid", "api=7,store=7,store=45", INVALID, {
    deviates: { traefik: { why: "an expression cannot count", expect: canaryOf("api@7") } },
  }),
  tagged("a service whose name could pass for a canary's is invalid", "api-canary-pr-7=7,store=45", INVALID),
  tagged(
    "a name that could pass for a canary's makes the whole list invalid",
    "api=7,x-canary-pr-1=1",
    INVALID,
    {
      deviates: {
        traefik: { why: "the expression for a name does not look inside it", expect: canaryOf("api@7") },
      },
    },
  ),
];

/** The proxy takes the canary; its library refuses the selector, so that nothing is sent on. */
function canaryOf(api: string): Expectation {
  return { hops: throughApi(api), invalid: true };
}

function twice(api: string) {
  const why =
    "expressions match one entry each; of two canaries that match, the higher number has the higher priority";
  return { deviates: { traefik: { why, expect: canaryOf(api) } } };
}
