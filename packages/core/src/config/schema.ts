import * as z from "zod";
import { writtenCluster } from "./cluster-schema.ts";
import { documented } from "./documented.ts";
import { duration, integer, list, map, quantity, SERVICE_NAME_PATTERN, text } from "./scalars.ts";
import { writtenService } from "./service-schema.ts";

// perch.yaml as it is written: what each key takes, says and defaults to. Rules between keys are in rules.ts,
// defaults that depend on other keys in normalise.ts.

/** The only version of the format that this perch reads. */
export const API_VERSION = "perch.dev/v1";

const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
/** A share link adds a label of up to 55 characters, and a DNS name has at most 253. */
const HOST = new RegExp(`^(?=.{1,198}$)(?:${LABEL}\\.)*(?![0-9]+$)${LABEL}$`);
const REGISTRY = new RegExp(`^(?:${LABEL}\\.)*${LABEL}(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`);
const TRAEFIK_NAME = new RegExp(`^(?:${LABEL}/)?${LABEL}$`);

const writtenEdge = z
  .strictObject(
    {
      host: documented(
        text("expected a host name in lower case, without scheme and port", HOST).default("localhost"),
        {
          what: "Host name of the edge. Share links are names below it: `pr-123.<host>`.",
          type: "host name",
        },
      ),
      entryPoints: documented(
        list(
          text("expected the name of a Traefik entry point", /^[A-Za-z0-9_-]{1,63}$/),
          "Traefik entry points",
          1,
        ).default(["web"]),
        { what: "Traefik entry points of every route. Kubernetes only.", type: "list of names" },
      ),
      tls: documented(z.boolean({ error: "expected true or false" }).default(false), {
        what: "Whether those entry points end TLS. Kubernetes only; the local edge is given its certificate by [flags](vm.md#tls).",
        type: "boolean",
      }),
      certificate: documented(
        text(
          "expected the name of a Secret, such as dev-example-com-tls",
          /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/,
        ).optional(),
        {
          what: "Secret with the certificate for the host and all names below it (`*.<host>`, for share links). Kubernetes only.",
          type: "name",
          otherwise: "Traefik's default certificate",
        },
      ),
      middlewares: documented(
        list(
          text("expected a Traefik middleware such as sso or apps/sso", TRAEFIK_NAME),
          "Traefik middlewares",
          0,
        ).default([]),
        {
          what: "Traefik middlewares on every canary route, such as who may use canaries. Kubernetes only.",
          type: "list of names",
        },
      ),
    },
    { error: "expected a map with host, and more" },
  )
  .prefault({});

const writtenQuota = z
  .strictObject(
    {
      cpu: documented(quantity('expected a Kubernetes quantity such as "2" or 500m', 0.001).default("2"), {
        what: "Limit over all pods, or all processes, of one canary.",
        type: "quantity",
        unit: "cores",
      }),
      memory: documented(
        quantity("expected a Kubernetes quantity such as 512Mi or 2Gi (at least 1Mi)", 2 ** 20).default(
          "2Gi",
        ),
        { what: "Limit over all pods, or all processes, of one canary.", type: "quantity", unit: "bytes" },
      ),
    },
    { error: "expected a map with cpu and memory" },
  )
  .prefault({});

const writtenCanary = z
  .strictObject(
    {
      replicas: documented(integer(1, 100).default(1), {
        what: "Replicas of a canary without load. Kubernetes only.",
        unit: "pods",
      }),
      maxReplicas: documented(integer(1, 100).optional(), {
        what: "Replicas of a canary at most. Kubernetes only.",
        unit: "pods",
        otherwise: "2, or `replicas` if that is more",
      }),
      ttl: documented(duration("7d").default("7d"), {
        what: "A canary goes after this time without a push; on one machine, without a push or a request.",
        type: "duration",
      }),
      idle: documented(duration("15m").default("15m"), {
        what: "A canary sleeps after this time without a request; the next one wakes it. One machine only.",
        type: "duration",
      }),
      maxOpen: documented(integer(1, 1000).default(50), {
        what: "How many pull requests may have canaries at once; the newest win.",
        unit: "pull requests",
      }),
      maxRunning: documented(integer(1, 1000).default(50), {
        what: "How many canaries may have a process at once. Beyond that those sleep that nobody used for longest; while all are in use, others wait. One machine only.",
        unit: "canaries",
      }),
      maxBuilds: documented(integer(1, 100).optional(), {
        what: "How many installs and builds may run at once. One place is stable's alone where there are two or more; one that takes over a minute lets another begin beside it. One machine only.",
        unit: "builds",
        otherwise: "as many as the machine has cores, and at least 2",
      }),
      keepImages: documented(duration("7d").optional(), {
        what: "Images of a pull request stay for this time after it was closed. Registries of images only.",
        type: "duration",
        otherwise: "they go at once",
      }),
      quota: documented(writtenQuota, {
        what: "What one canary may use: in a cluster its pods; on one machine its builds and its processes together, where [the system can hold that](isolation.md).",
        type: "map",
      }),
    },
    { error: "expected a map with replicas, ttl, and more" },
  )
  .prefault({});

export const writtenConfig = z.strictObject(
  {
    apiVersion: documented(
      z.literal(API_VERSION, { error: `expected ${API_VERSION}, the only version that this perch reads` }),
      { what: "Version of this format.", type: `\`${API_VERSION}\`` },
    ),
    project: documented(
      text(
        "expected a name of lower-case letters, digits and hyphens, at most 40",
        /^[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?$/,
      ),
      { what: "Name of the environment; part of the names of what perch creates.", type: "name" },
    ),
    mesh: documented(z.enum(["linkerd", "none"], { error: "expected linkerd or none" }).default("none"), {
      what: "What routes calls between services in a cluster: Linkerd, or perch's own internal router (`none`), which works everywhere. Kubernetes only.",
      type: "`linkerd` or `none`",
    }),
    edge: documented(writtenEdge, { what: "Where requests come in.", type: "map" }),
    registry: documented(
      text("expected a registry such as ghcr.io/acme, without scheme and final /", REGISTRY).optional(),
      {
        what: "Where images are pushed. Kubernetes only.",
        type: "registry and path",
        otherwise: "none; needed to render manifests",
      },
    ),
    services: documented(
      map(writtenService, { pattern: SERVICE_NAME_PATTERN }, "expected a map of at least one service").refine(
        (services) => Object.keys(services).length > 0,
        { error: "expected a map of at least one service" },
      ),
      {
        what: "The services, by name: lower-case letters, digits and hyphens, at most 40, without `-canary-pr-`.",
        type: "map of services",
      },
    ),
    canary: documented(writtenCanary, { what: "Limits of every canary.", type: "map" }),
    cluster: documented(writtenCluster, { what: "What only a cluster needs. Kubernetes only.", type: "map" }),
  },
  { error: "expected a map with apiVersion, project and services" },
);

/** `perch.yaml` as written, types and grammars checked. */
export type WrittenConfig = z.output<typeof writtenConfig>;
