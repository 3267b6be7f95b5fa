import type { Case, CaseRequest } from "../case.ts";
import { EDGE_HOST, MANY_REPOS } from "../world.ts";
import { ALL_STABLE, requested, throughApi, UNTAGGED } from "./make.ts";

const NO_LINK = { status: 404, hops: [] } as const;

const ANY_HOST = { hops: throughApi("api@8"), echo: "8" } as const;

const OTHER_HOST = {
  deviates: {
    traefik: { why: "it routes the hosts that it was given, the local edge every host", expect: NO_LINK },
  },
} as const;

const NOT_PRINTED = {
  why: "only the form of link that perch prints there has a route",
  expect: NO_LINK,
} as const;

function link(label: string, lines: readonly string[] = [], more: Partial<CaseRequest> = {}): CaseRequest {
  return { host: `${label}.${EDGE_HOST}`, lines, ...more };
}

/** A host that needs no header, and replaces any. */
export const SHARE_LINK: readonly Case[] = [
  requested("a share link needs no header", link("pr-7"), {
    hops: throughApi("api@7", "store@7"),
    echo: "7",
  }),
  requested("a share link of a backend's canary goes through stable to it", link("pr-45"), {
    hops: throughApi("api", "store@45"),
    echo: "45",
  }),
  requested("a share link serves every path of the edge", link("pr-8", [], { path: "/" }), {
    hops: ["web"],
    echo: "8",
  }),
  requested("a share link takes the canary at each path", link("pr-7", [], { path: "/" }), {
    hops: ["web@7"],
    echo: "7",
  }),
  requested("a share link replaces another number", link("pr-7", ["8"]), {
    hops: throughApi("api@7", "store@7"),
    echo: "7",
  }),
  requested("a share link replaces a list", link("pr-45", ["api=8,store=7"]), {
    hops: throughApi("api", "store@45"),
    echo: "45",
  }),
  requested("a share link replaces an invalid header", link("pr-7", ["x"]), {
    hops: throughApi("api@7", "store@7"),
    echo: "7",
  }),
  requested("a share link replaces several lines", link("pr-7", ["8", "45"]), {
    hops: throughApi("api@7", "store@7"),
    echo: "7",
  }),
  requested(
    "a share link has no case",
    { host: `PR-7.${EDGE_HOST.toUpperCase()}`, lines: [] },
    {
      hops: throughApi("api@7", "store@7"),
      echo: "7",
    },
  ),
  requested(
    "with several repositories, a share link names its service",
    link("store-pr-45"),
    { hops: throughApi("api", "store@45"), echo: "store=45" },
    { world: MANY_REPOS },
  ),
  requested(
    "a share link of one service leaves the same number of another alone",
    link("store-pr-7"),
    { hops: throughApi("api", "store@7"), echo: "store=7" },
    { world: MANY_REPOS },
  ),
  requested(
    "a share link of one service replaces a header that names another",
    link("store-pr-45", ["api=7"]),
    { hops: throughApi("api", "store@45"), echo: "store=45" },
    { world: MANY_REPOS },
  ),
  requested("a share link of a pull request without a canary answers 404", link("pr-12345"), NO_LINK),
  requested(
    "a share link without a canary answers 404 whatever the header says",
    link("pr-12345", ["7"]),
    NO_LINK,
  ),
  requested("a share link of a service that has no such canary answers 404", link("web-pr-45"), NO_LINK, {
    world: MANY_REPOS,
  }),
  requested("a label that is no share link is any other host", link("pr-07", ["8"]), ANY_HOST, OTHER_HOST),
  requested("a link's label further down is any other host", link("x.pr-7", ["8"]), ANY_HOST, OTHER_HOST),
  requested(
    "a link's label in front of another host is any other host",
    { host: "pr-7.example.org", lines: ["8"] },
    ANY_HOST,
    OTHER_HOST,
  ),
  requested(
    "in one repository, a link that names a service means that service alone",
    link("store-pr-7"),
    { hops: throughApi("api", "store@7"), echo: "store=7" },
    { deviates: { traefik: NOT_PRINTED } },
  ),
  requested(
    "with several repositories, a link without a service means that number of each",
    link("pr-7"),
    { hops: throughApi("api@7", "store@7"), echo: "7" },
    { world: MANY_REPOS, deviates: { traefik: NOT_PRINTED } },
  ),
  requested("the edge host itself is no share link", { host: EDGE_HOST, lines: [] }, UNTAGGED),
  requested(
    "the edge host with a header takes the canary",
    { host: EDGE_HOST, lines: ["8"] },
    { hops: throughApi("api@8"), echo: "8" },
  ),
  requested(
    "a port in the host does not matter",
    { host: `${EDGE_HOST}:8443`, lines: [] },
    { hops: ALL_STABLE },
  ),
];
