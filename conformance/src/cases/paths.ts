import type { Case, CaseRequest, Expectation } from "../case.ts";
import { requested, throughApi } from "./make.ts";

const WEB_7: Expectation = { hops: ["web@7"], echo: "7" };
const API_7: Expectation = { hops: throughApi("api@7", "store@7"), echo: "7" };

function at(path: string, lines: readonly string[] = ["7"]): CaseRequest {
  return { path, lines };
}

/** The longest prefix that ends at a segment's border. */
export const PATHS: readonly Case[] = [
  requested("a path that no longer prefix takes is the shortest one's", at("/images/logo.png"), WEB_7),
  requested("a prefix matches itself", at("/api"), API_7),
  requested("a prefix matches with a slash behind it", at("/api/"), API_7),
  requested("a prefix matches what is below it", at("/api/items/oak?page=2"), API_7),
  requested("a prefix does not match a longer word", at("/apix"), WEB_7),
  requested("a prefix does not match in another case", at("/API/items"), WEB_7),
  requested("a prefix does not match further in", at("/v1/api/items"), WEB_7),
  requested("an untagged longer word is stable of the other service", at("/apix", []), { hops: ["web"] }),
  requested("a query does not make a path", at("/?x=/api/"), WEB_7),
];
