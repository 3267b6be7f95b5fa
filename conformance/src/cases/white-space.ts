import type { Case } from "../case.ts";
import { INVALID, requested, tagged, throughApi } from "./make.ts";

const SEVEN = { hops: throughApi("api@7", "store@7"), echo: "7" } as const;

/** White space around a value is not part of it (RFC 9110, section 5.5); inside it is invalid. Names have no case. */
export const WHITE_SPACE_AND_CASE: readonly Case[] = [
  tagged("spaces around a value do not count", "  7  ", SEVEN),
  tagged("a tab before a value does not count", "\t7", SEVEN),
  tagged("spaces around a list do not count", " api=8,store=45 ", {
    hops: throughApi("api@8", "store@45"),
    echo: "api=8,store=45",
  }),
  tagged("a space after a comma is invalid", "api=8, store=45", INVALID),
  tagged("a space before a comma is invalid", "api=8 ,store=45", INVALID),
  tagged("a space around the equals sign is invalid", "api = 8", INVALID),
  tagged("a space inside a number is invalid", "4 5", INVALID),
  requested("the header's name has no case: x-canary", { lines: ["7"], headerName: "x-canary" }, SEVEN),
  requested("the header's name has no case: X-CANARY", { lines: ["7"], headerName: "X-CANARY" }, SEVEN),
  requested("two equal lines that differ in outer space count once", { lines: ["7", " 7 "] }, SEVEN),
];
