import type { Case } from "../case.ts";
import { EDGE_HOST } from "../world.ts";
import { requested, tagged, throughApi } from "./make.ts";

const REFUSED = { status: 503, hops: [] } as const;

/** A canary that exists and is not ready answers an error, never stable. */
export const UNREADY: readonly Case[] = [
  tagged("an unready canary at the edge answers 503, by its number", "50", REFUSED),
  tagged("an unready canary at the edge answers 503, by a list of one", "api=50", REFUSED),
  tagged("an unready canary at the edge answers 503, by a longer list", "api=50,store=45", REFUSED),
  requested(
    "an unready canary of one service leaves another path alone",
    { path: "/", lines: ["50"] },
    { hops: ["web"], echo: "50" },
  ),
  tagged("an unready gRPC canary behind stable fails that call, and the trail says so", "51", {
    status: 503,
    hops: ["api", "store!"],
    echo: "51",
  }),
  tagged("an unready gRPC canary behind a canary fails that call, by a list", "api=7,store=51", {
    status: 503,
    hops: ["api@7", "store!"],
    echo: "api=7,store=51",
  }),
  tagged("an unready HTTP canary behind stable fails that call, after the one before it", "52", {
    status: 503,
    hops: ["api", "store", "price!"],
    echo: "52",
  }),
  requested("an unready canary's share link answers 503", { host: `pr-50.${EDGE_HOST}`, lines: [] }, REFUSED),
  requested(
    "an unready backend's share link reaches stable, whose call fails",
    { host: `pr-51.${EDGE_HOST}`, lines: [] },
    { status: 503, hops: ["api", "store!"], echo: "51" },
  ),
  tagged("an unready canary that the list does not name is nobody's concern", "store=45", {
    hops: throughApi("api", "store@45"),
    echo: "store=45",
  }),
];
