import type { Case } from "../case.ts";
import { MANY_REPOS } from "../world.ts";
import { requested, tagged, throughApi } from "./make.ts";

/** A bare number: this pull request of every service that has a canary of it. */
export const NUMBER: readonly Case[] = [
  tagged("a number takes every service's canary of that pull request", "7", {
    hops: throughApi("api@7", "store@7"),
    echo: "7",
  }),
  tagged("a number takes the canary at the edge, and stable behind it", "8", {
    hops: throughApi("api@8"),
    echo: "8",
  }),
  tagged("a number takes stable at the edge, and the gRPC canary behind it", "45", {
    hops: throughApi("api", "store@45"),
    echo: "45",
  }),
  tagged("a number takes stable at the edge, and the HTTP canary behind it", "9", {
    hops: throughApi("api", "store", "price@9"),
    echo: "9",
  }),
  tagged("a number of ten digits is a pull request", "9999999999", {
    hops: throughApi("api@9999999999"),
    echo: "9999999999",
  }),
  requested(
    "a number takes the canary of another service at another path",
    { path: "/", lines: ["7"] },
    { hops: ["web@7"], echo: "7" },
  ),
  requested(
    "a number without a canary of the service at that path goes to its stable",
    { path: "/", lines: ["8"] },
    { hops: ["web"], echo: "8" },
  ),
  tagged(
    "a number means that pull request of every service, also where their repositories are different",
    "7",
    { hops: throughApi("api@7", "store@7"), echo: "7" },
    { world: MANY_REPOS },
  ),
];
