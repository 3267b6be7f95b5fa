import * as z from "zod";
import { documented } from "./documented.ts";
import {
  duration,
  ENV_NAME_PATTERN,
  integer,
  list,
  map,
  processText,
  repositoryPath,
  text,
} from "./scalars.ts";

const HOUR = 3_600_000;
/** `owner/name` as GitHub allows it. */
export const REPOSITORY =
  /^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}\/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/;
const PREFIX = /^\/(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+(?:\/(?!$)|$))*$/;
/** Whether a text can be a path prefix of the edge. */
export const isPathPrefix = (path: string) => PREFIX.test(path);
const GRPC_SERVICE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** How one machine runs a service, as written. */
export const writtenLocal = z.strictObject(
  {
    install: documented(processText("expected a shell command", 1).optional(), {
      what: "Installs dependencies; run in the folder of the nearest lock file at or above `path`, else in `path`. [When it is run again](local.md#installs).",
      type: "shell command",
      otherwise: "nothing to install",
    }),
    build: documented(processText("expected a shell command", 1).optional(), {
      what: "Builds one revision; run in `path`.",
      type: "shell command",
      otherwise: "nothing to build",
    }),
    start: documented(processText("expected a shell command", 1), {
      what: "Starts the service; run in `path`. It must listen on `HOST` and `PORT` and end on SIGTERM.",
      type: "shell command",
    }),
    ready: documented(
      text('expected "grpc" or a path such as /readyz', /^(?:grpc|\/[!-"$-~]*)$/).optional(),
      {
        what: "How to tell that it serves: a path that answers 2xx, or `grpc` for the gRPC health service.",
        type: "path or `grpc`",
        otherwise: "`grpc` for a gRPC service, else `/readyz`",
      },
    ),
    env: documented(
      map(
        processText("expected text (put true, false, null and numbers in quotes)", 0),
        { pattern: ENV_NAME_PATTERN },
        "expected a map of variable names to text",
      ).default({}),
      { what: "More environment for build and start.", type: "map of variables to text" },
    ),
    buildTimeout: documented(duration("10m", HOUR, "1h").default("10m"), {
      what: "How long an install, and how long a build, may take before it counts as failed.",
      type: "duration",
    }),
    readyTimeout: documented(duration("60s", HOUR, "1h").default("60s"), {
      what: "How long a start may take before it counts as failed.",
      type: "duration",
    }),
    stopTimeout: documented(duration("10s", HOUR, "1h").default("10s"), {
      what: "How long the processes get between SIGTERM and SIGKILL.",
      type: "duration",
    }),
  },
  { error: "expected a map with start, and more" },
);

/** One entry of `services`, as written. */
export const writtenService = z.strictObject(
  {
    repo: documented(text("expected a repository such as acme/shop", REPOSITORY), {
      what: "Repository of the service. Services of one repository share its pull requests and their numbers.",
      type: "`owner/name`",
    }),
    path: documented(repositoryPath("the folder").default("."), {
      what: "Folder of the service in its repository.",
      type: "folder",
    }),
    paths: documented(
      list(repositoryPath("a folder or file"), "folders and files of the repository", 1).optional(),
      {
        what: "A pull request that changes something here gets a canary of this service. A folder covers all below it. Packages of the same npm workspace that the package in `path` depends on count too.",
        type: "list of folders and files",
        otherwise: "`[<path>]`",
      },
    ),
    protocol: documented(z.enum(["http", "grpc"], { error: "expected http or grpc" }), {
      what: "What the service speaks. gRPC without TLS (h2c); the edge takes only HTTP.",
      type: "`http` or `grpc`",
    }),
    edge: documented(text("expected a path prefix such as / or /api", PREFIX).optional(), {
      what: "Path prefix on `edge.host` that leads to this service. The longest prefix wins.",
      type: "path prefix",
      otherwise: "reached only by other services",
    }),
    grpcServices: documented(
      list(
        text("expected a full gRPC service name such as store.v1.StoreService", GRPC_SERVICE),
        "full gRPC service names such as store.v1.StoreService",
        1,
      ).optional(),
      {
        what: "gRPC services that it serves, with package. Required for `protocol: grpc`, refused for `http`.",
        type: "list of gRPC service names",
        otherwise: "none",
      },
    ),
    calls: documented(
      map(
        z.string({ error: "expected the name of a service" }),
        { pattern: ENV_NAME_PATTERN },
        "expected a map of variable names to services",
      ).default({}),
      {
        what: "Services that it calls: the variable receives `host:port` of that service, from where its canaries are routed.",
        type: "map of variables to services",
      },
    ),
    port: documented(integer(1, 65_535).optional(), {
      what: "Port of its Service in a cluster. Its pods listen on the container port that is named like `protocol`. Kubernetes only.",
      type: "whole number, 1 to 65535",
      otherwise: "80 for http, 50051 for grpc",
    }),
    secrets: documented(
      map(
        text("expected a key of the secret store such as shop/store/api-key", /^[!-~]{1,253}$/),
        { pattern: ENV_NAME_PATTERN },
        "expected a map of variable names to keys of the secret store",
      ).default({}),
      {
        what: "Variables whose values External Secrets reads from the store: stable's for stable, the canaries' own for canaries. Kubernetes only.",
        type: "map of variables to keys",
      },
    ),
    database: documented(z.enum(["dynamodb"], { error: "expected dynamodb" }).optional(), {
      what: "The local engine gives it a DynamoDB by the AWS SDK's own variables, such as `AWS_ENDPOINT_URL_DYNAMODB`.",
      type: "`dynamodb`",
      otherwise: "none",
    }),
    local: documented(writtenLocal.optional(), {
      what: "How the local engine runs it.",
      type: "map",
      otherwise: "the local engine leaves it out",
    }),
  },
  { error: "expected a map with repo and protocol, and more" },
);

export type WrittenService = z.output<typeof writtenService>;
export type WrittenLocal = z.output<typeof writtenLocal>;
