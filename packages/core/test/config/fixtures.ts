import { readFileSync } from "node:fs";
import { formatProblem, parseConfig } from "../../src/config/index.ts";

/** The repository's own file. */
export const PERCH_YAML = readFileSync(new URL("../../../../perch.yaml", import.meta.url), "utf8");

/** The least that is valid; problems in lines added below it start on line 6. */
export const LEAST = `apiVersion: perch.dev/v1
project: shop
services:
  api: { repo: acme/shop, protocol: http }
  store: { repo: acme/shop, protocol: grpc, grpcServices: [store.v1.StoreService] }
`;

/** One service with these keys, each on its own line; the first is on line 5, column 5. */
export function withService(...lines: string[]): string {
  const service = lines.map((line) => `    ${line}\n`).join("");
  return `apiVersion: perch.dev/v1\nproject: shop\nservices:\n  api:\n${service}`;
}

/** What a terminal would show, without the name of the file. */
export function problemsOf(text: string): string[] {
  const result = parseConfig(text);
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem).replace("perch.yaml:", ""));
}
