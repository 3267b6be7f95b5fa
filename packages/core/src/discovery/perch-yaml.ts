import { Document, isMap, isPair, isScalar, type Pair, type Scalar, type YAMLMap } from "yaml";
import { API_VERSION } from "../config/schema.ts";
import { shown } from "./names.ts";
import { DEFAULT_READY } from "./questions.ts";
import type { Discovery, FoundService } from "./types.ts";

const HEAD = ` What perch runs in this repository, written by \`perch init\` from what it found.
 Look it through, then run \`perch doctor\` and \`perch up\`. docs/config.md of perch describes every key; \`perch --help\` says where it is.`;

/**
 * A commented perch.yaml of what was found. It always parses, and has no problems.
 * @param schema where its JSON Schema is, as seen from it; absent: it is nowhere that the whole team has it
 */
export function perchYaml(discovery: Discovery, schema?: string): string {
  const { project, repo, isRepoKnown, services } = discovery;
  const document = new Document({
    apiVersion: API_VERSION,
    project,
    edge: { host: "localhost" },
    services: Object.fromEntries(services.map((service) => [service.name, written(repo, service)])),
    canary: { ttl: "7d", idle: "15m", maxOpen: 50 },
  });
  document.commentBefore = schema === undefined ? HEAD : ` yaml-language-server: $schema=${schema}\n${HEAD}`;
  const root = document.contents as unknown as YAMLMap;
  above(root, "edge", "Share links are below this host: http://pr-1.localhost:8080");
  const list = below(root, "services");
  services.forEach((service, index) => {
    const key = above(list, service.name, ...origin(service));
    key.spaceBefore = index > 0;
    commentService(below(list, service.name), service, isRepoKnown);
  });
  for (const key of ["edge", "services", "canary"]) above(root, key).spaceBefore = true;
  const canary = below(root, "canary");
  beside(canary, "ttl", "without a push, and on one machine without a request; then it goes");
  beside(canary, "idle", "on one machine: then it sleeps; the next request wakes it");
  beside(canary, "maxOpen", "pull requests with canaries at once; the newest win");
  return document.toString({ lineWidth: 0 });
}

function written(repo: string, service: FoundService): object {
  const { path, paths, protocol, edge, grpcServices, calls, usesDynamodb, env } = service;
  const { install, build, start, ready } = service;
  return {
    repo,
    path,
    ...(paths.length > 1 && { paths }),
    protocol,
    ...(edge !== undefined && { edge }),
    ...(protocol === "grpc" && { grpcServices }),
    ...(calls.size > 0 && { calls: Object.fromEntries(calls) }),
    ...(usesDynamodb && { database: "dynamodb" }),
    local: {
      ...(install !== undefined && { install }),
      ...(build !== undefined && { build }),
      start,
      ready: ready ?? DEFAULT_READY,
      ...(env.size > 0 && { env: Object.fromEntries(env) }),
    },
  };
}

/** Where it is from, and what must be looked at. */
function origin({ evidence, doubts }: FoundService): string[] {
  const files = Map.groupBy(evidence, ({ from }) => from);
  return [
    ...[...files].map(([from, told]) => `${from}: ${told.map(({ says }) => says).join(", ")}`),
    ...doubts.map((doubt) => `Check: ${doubt}`),
  ].map(shown);
}

function commentService(map: YAMLMap, service: FoundService, isRepoKnown: boolean): void {
  if (!isRepoKnown) beside(map, "repo", "check: the git remote does not tell; owner/name");
  above(map, "paths", "A pull request that changes something here gets a canary of this service.");
  if (service.paths.length === 1) {
    beside(
      map,
      "path",
      "a pull request that changes something here gets a canary; `paths` takes more folders",
    );
  }
  beside(map, "protocol", service.protocol === "grpc" ? "without TLS, on HTTP/2" : "or grpc");
  beside(map, "edge", "path prefix of the edge that leads here");
  if (service.protocol === "http" && service.edge === undefined) {
    above(map, "protocol", "Only other services call it; `edge: /path` would lead to it from outside.");
  }
  above(
    map,
    "calls",
    "Each variable receives host:port of that service; its canaries are behind the same address.",
  );
  beside(map, "database", "perch runs one, and sets AWS_ENDPOINT_URL_DYNAMODB");
  const local = below(map, "local");
  above(
    local,
    "install",
    "In the folder of the lock file, once for each content of it if it makes nothing but node_modules.",
  );
  above(local, "build", "Once per commit, in `path`.");
  above(local, "start", "In `path`. It must listen on HOST and PORT, and end on SIGTERM.");
  const isGuess = service.ready === undefined;
  beside(local, "ready", service.protocol === "grpc" ? "the standard health service" : readyComment(isGuess));
}

function readyComment(isGuess: boolean): string {
  return isGuess ? "check: a path that answers 2xx once it serves" : "answers 2xx once it serves";
}

function pairOf(map: YAMLMap, key: string): Pair<Scalar, unknown> | undefined {
  return map.items.find((pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === key) as
    | Pair<Scalar, unknown>
    | undefined;
}

function below(map: YAMLMap, key: string): YAMLMap {
  const value = pairOf(map, key)?.value;
  if (!isMap(value)) throw new RangeError(`no map ${key}`);
  return value as YAMLMap;
}

/** Comment lines above a key that is there. */
function above(map: YAMLMap, key: string, ...lines: readonly string[]): { spaceBefore?: boolean } {
  const node = pairOf(map, key)?.key;
  if (node === undefined) return {};
  if (lines.length > 0) node.commentBefore = lines.map((line) => ` ${line}`).join("\n");
  return node;
}

function beside(map: YAMLMap, key: string, comment: string): void {
  const value = pairOf(map, key)?.value;
  if (isScalar(value)) value.comment = ` ${comment}`;
}
