import type { Case } from "../case.ts";
import { INVALID, requested, throughApi } from "./make.ts";

/** Several `X-Canary` lines: equal ones count once, others are invalid. */
export const LINES: readonly Case[] = [
  requested(
    "two equal lines count once",
    { lines: ["7", "7"] },
    { hops: throughApi("api@7", "store@7"), echo: "7" },
  ),
  requested(
    "three equal lists count once",
    { lines: ["store=45", "store=45", "store=45"] },
    { hops: throughApi("api", "store@45"), echo: "store=45" },
  ),
  requested("two different numbers are invalid", { lines: ["7", "8"] }, INVALID, {
    deviates: { traefik: higher("api@8") },
  }),
  requested("two different numbers are invalid in either order", { lines: ["8", "7"] }, INVALID, {
    deviates: { traefik: higher("api@8") },
  }),
  requested("a number and a list in two lines are invalid", { lines: ["8", "api=7,web=7"] }, INVALID, {
    deviates: {
      traefik: {
        why: "a line that is exactly one canary's is looked at before lists",
        expect: { hops: throughApi("api@8"), invalid: true },
      },
    },
  }),
  requested(
    "a number and a list in two lines are invalid, whichever is higher",
    { lines: ["7", "api=8,web=7"] },
    INVALID,
    {
      deviates: {
        traefik: {
          why: "a line that is exactly one canary's is looked at before lists",
          expect: { hops: throughApi("api@7"), invalid: true },
        },
      },
    },
  ),
  requested(
    "a number and a list that mean the same are two lines that differ",
    { lines: ["7", "api=7"] },
    INVALID,
    {
      deviates: { traefik: valid("api@7") },
    },
  ),
  requested("two different lists are invalid", { lines: ["api=7,web=7", "api=8,web=7"] }, INVALID, {
    deviates: { traefik: higher("api@8") },
  }),
  requested(
    "the same list in another order is another line",
    { lines: ["api=8,store=45", "store=45,api=8"] },
    INVALID,
    { deviates: { traefik: higher("api@8") } },
  ),
  requested("a valid line and an invalid one are invalid", { lines: ["7", "x"] }, INVALID, {
    deviates: { traefik: valid("api@7") },
  }),
  requested("an invalid line and a valid one are invalid", { lines: ["x", "7"] }, INVALID, {
    deviates: { traefik: valid("api@7") },
  }),
  requested("an empty line and a number are invalid", { lines: ["", "7"] }, INVALID, {
    deviates: { traefik: valid("api@7") },
  }),
];

function higher(api: string) {
  return {
    why: "each line is matched by itself; the higher number has the higher priority",
    expect: { hops: throughApi(api), invalid: true },
  } as const;
}

function valid(api: string) {
  return {
    why: "a rule matches if one line does",
    expect: { hops: throughApi(api), invalid: true },
  } as const;
}
