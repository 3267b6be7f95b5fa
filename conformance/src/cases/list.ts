import type { Case } from "../case.ts";
import { MANY_REPOS } from "../world.ts";
import { requested, tagged, throughApi } from "./make.ts";

/** Names of services that do not exist, to fill a list up. */
const OTHERS = Array.from({ length: 15 }, (_, index) => `other-${String(index + 1).padStart(2, "0")}=1`);
const SIXTEEN = ["api=7", ...OTHERS].join(",");

/** 14 entries of 256 bytes together, the most that a selector may have. */
const LONGEST = [
  "api=7",
  ...Array.from({ length: 12 }, (_, index) => `a-longer-name-${String.fromCharCode(97 + index)}=123`),
  "bb=1234567",
].join(",");

/** A list: each service the pull request that it names, all others stable. */
export const LIST: readonly Case[] = [
  tagged("a list of one takes that canary and stable elsewhere", "api=7", {
    hops: throughApi("api@7"),
    echo: "api=7",
  }),
  tagged("a list of one backend takes stable at the edge", "store=7", {
    hops: throughApi("api", "store@7"),
    echo: "store=7",
  }),
  tagged("a list combines unrelated pull requests", "api=8,store=45", {
    hops: throughApi("api@8", "store@45"),
    echo: "api=8,store=45",
  }),
  tagged("a list combines three services, one of them behind HTTP", "api=8,price=9,store=45", {
    hops: throughApi("api@8", "store@45", "price@9"),
    echo: "api=8,price=9,store=45",
  }),
  tagged("the order of a list does not matter, and the echo is as it was sent", "store=45,api=8", {
    hops: throughApi("api@8", "store@45"),
    echo: "store=45,api=8",
  }),
  tagged("a service that the list does not name is stable, whatever canaries it has", "web=7", {
    hops: throughApi("api"),
    echo: "web=7",
  }),
  tagged("an entry without a canary is stable, and the others are not", "api=12345,store=45", {
    hops: throughApi("api", "store@45"),
    echo: "api=12345,store=45",
  }),
  tagged("an entry of an unknown service is nobody's, and the others count", "cart=1,store=45", {
    hops: throughApi("api", "store@45"),
    echo: "cart=1,store=45",
  }),
  tagged("a name that begins like the service's is another service", "apis=7,store=45", {
    hops: throughApi("api", "store@45"),
    echo: "apis=7,store=45",
  }),
  tagged("a name that ends like the service's is another service", "my-api=7,store=45", {
    hops: throughApi("api", "store@45"),
    echo: "my-api=7,store=45",
  }),
  tagged("a number that begins like the canary's is another pull request", "api=70,store=450", {
    hops: throughApi("api"),
    echo: "api=70,store=450",
  }),
  tagged("a list of 16 services is valid", SIXTEEN, { hops: throughApi("api@7"), echo: SIXTEEN }),
  tagged("a list of 256 bytes is valid", LONGEST, { hops: throughApi("api@7"), echo: LONGEST }),
  tagged("a service of 40 characters is valid", `${"a".repeat(40)}=7,store=45`, {
    hops: throughApi("api", "store@45"),
    echo: `${"a".repeat(40)}=7,store=45`,
  }),
  tagged("a list of one takes a number of ten digits", "api=9999999999", {
    hops: throughApi("api@9999999999"),
    echo: "api=9999999999",
  }),
  tagged("a list can take PR 7 of one service and not of the others", "store=7,web=7", {
    hops: throughApi("api", "store@7"),
    echo: "store=7,web=7",
  }),
  tagged(
    "a list tells the pull requests of different repositories apart",
    "api=7,store=45",
    { hops: throughApi("api@7", "store@45"), echo: "api=7,store=45" },
    { world: MANY_REPOS },
  ),
  requested(
    "a list that names only a backend leaves another path's service stable",
    { path: "/", lines: ["store=45"] },
    { hops: ["web"], echo: "store=45" },
  ),
];
