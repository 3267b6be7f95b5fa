import type { Case } from "../case.ts";
import { MANY_REPOS, NO_CANARIES } from "../world.ts";
import { requested, tagged, throughApi, UNTAGGED } from "./make.ts";

/** No selector, or one that nothing answers to: stable. */
export const ABSENT: readonly Case[] = [
  requested("no selector goes to stable everywhere", { lines: [] }, UNTAGGED),
  requested("no selector goes to stable, with a repository for each service", { lines: [] }, UNTAGGED, {
    world: MANY_REPOS,
  }),
  requested("no selector goes to stable where there are no canaries", { lines: [] }, UNTAGGED, {
    world: NO_CANARIES,
  }),
  tagged("a number goes to stable where there are no canaries", "7", echoed("7"), { world: NO_CANARIES }),
  tagged("a list goes to stable where there are no canaries", "api=7", echoed("api=7"), {
    world: NO_CANARIES,
  }),
  tagged("a pull request that has no canary goes to stable", "12345", echoed("12345")),
  tagged("a list whose pull request has no canary goes to stable", "api=12345", echoed("api=12345")),
  tagged("a list that names no service of this environment goes to stable", "cart=7", echoed("cart=7")),
  tagged("the number of a canary with one digit more is another pull request", "70", echoed("70")),
  tagged("the number of a canary with one digit less is another pull request", "4", echoed("4")),
  requested(
    "another header that looks alike is not the selector",
    { lines: ["7"], headerName: "X-Canary-Id" },
    UNTAGGED,
  ),
  requested(
    "the selector's name with an underscore is another header",
    { lines: ["7"], headerName: "X_Canary" },
    UNTAGGED,
  ),
];

function echoed(echo: string) {
  return { hops: throughApi("api"), echo };
}
