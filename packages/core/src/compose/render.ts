import type { Config } from "../config/types.ts";
import { containerPort } from "../manifests/base/pod.ts";
import { GENERATED, type ManifestFile } from "../manifests/file.ts";
import { ENTRY_POINT, READY } from "../manifests/mesh/none/constants.ts";
import { TRAEFIK_VERSION } from "../manifests/mesh/none/deployment.ts";
import type { Note } from "../manifests/object.ts";
import { isCalled, type Project } from "../manifests/project.ts";
import { yamlText } from "../manifests/yaml.ts";
import { container, HARDENED } from "./container.ts";
import {
  APEX_PORT,
  type ComposeCanaries,
  canariesOf,
  composeProject,
  DATABASE,
  EDGE,
  EDGE_ENTRY_POINT,
  refuseEqualNames,
  stableContainer,
} from "./project.ts";
import { fileRoutes } from "./routes.ts";

/** Files of the containers, beside perch.yaml. */
export const COMPOSE_FILE = "docker-compose.yml";
export const COMPOSE_FOLDER = "compose";
const ROUTES_FOLDER = `${COMPOSE_FOLDER}/traefik`;
const DYNAMODB_LOCAL_VERSION = "3.1.0";

/**
 * Stable, some canaries and Traefik as containers of one machine: the compose file (https://github.com/compose-spec/compose-spec),
 * and Traefik's routes, which are those of a cluster.
 * @throws PerchError USAGE for a canary of a service that is not in the config, CONFIG_INVALID where names are equal
 */
export function renderCompose(config: Config, canaries: ComposeCanaries): ManifestFile[] {
  const project = composeProject(config);
  const routes = fileRoutes(
    project,
    canaries,
    (name, service) => `${name}:${containerPort(service).containerPort}`,
  );
  return [
    {
      path: COMPOSE_FILE,
      text: yamlText([{ object: composeObject(project, canaries), notes: NOTES }], HEAD),
    },
    { path: `${ROUTES_FOLDER}/routes.yaml`, text: yamlText([{ object: routes }], ROUTES_HEAD) },
  ];
}

const HEAD = [
  GENERATED,
  "`docker compose up --build`, then http://localhost:8080; docs/compose.md of perch says how to build a canary from its own checkout.",
];

const ROUTES_HEAD = [
  GENERATED,
  "Traefik's routes: the rules and priorities of the IngressRoutes that `perch render` writes for a cluster.",
];

const NOTES: readonly Note[] = [
  [
    ["services", EDGE, "networks"],
    "The names of services that others call lead here, to the internal routes; their stable containers have names of their own.",
  ],
];

function composeObject(project: Project, canaries: ComposeCanaries): object {
  const services = [...project.services.values()];
  const hasDatabase = services.some(({ database }) => database === "dynamodb");
  const entries: [string, object][] = [
    [EDGE, edge(project)],
    ...(hasDatabase ? ([[DATABASE, database()]] as [string, object][]) : []),
    ...services.map((service): [string, object] => [
      stableContainer(project, service),
      container(project, service, { service: service.name }),
    ]),
    ...canariesOf(project, canaries).map(({ service, pr, container: name }): [string, object] => [
      name,
      container(project, service, { service: service.name, pr }),
    ]),
  ];
  refuseEqualNames([...entries.map(([name]) => name), ...aliases(project)]);
  return { name: project.project, services: Object.fromEntries(entries) };
}

/** Services that others call. */
function aliases(project: Project): string[] {
  return [...project.services.values()].flatMap((one) => (isCalled(project, one) ? [one.name] : []));
}

/** One Traefik with two entry points: the edge, and the internal router, which is not published. */
function edge(project: Project): object {
  const health = `wget -q -O /dev/null --header 'Host: ${READY.host}' http://127.0.0.1:${APEX_PORT}${READY.path}`;
  return {
    image: `docker.io/library/traefik:v${TRAEFIK_VERSION}`,
    command: traefikArguments({ edge: ":8080", inside: `:${APEX_PORT}`, routes: "/etc/traefik/perch" }),
    user: "65532:65532",
    ports: [`127.0.0.1:\${EDGE_PORT:-8080}:8080`],
    volumes: [`./${ROUTES_FOLDER}:/etc/traefik/perch:ro`],
    networks: { default: { aliases: aliases(project) } },
    healthcheck: { test: ["CMD-SHELL", health], interval: "2s", timeout: "2s", retries: 15 },
    ...HARDENED,
    restart: "unless-stopped",
  };
}

/**
 * Arguments of the Traefik that reads the routes.
 * @param at addresses of the entry points, and the folder of the routes
 */
export function traefikArguments(at: { edge: string; inside: string; routes: string }): string[] {
  return [
    `--entrypoints.${EDGE_ENTRY_POINT}.address=${at.edge}`,
    // A client's X_Canary is not passed on: some servers read it as X-Canary.
    `--entrypoints.${EDGE_ENTRY_POINT}.http.aliasheadersstrategy=delete`,
    `--entrypoints.${ENTRY_POINT}.address=${at.inside}`,
    // The default of 60 s ends client and bidirectional streams.
    `--entrypoints.${ENTRY_POINT}.transport.respondingtimeouts.readtimeout=0s`,
    `--providers.file.directory=${at.routes}`,
    "--ping=true",
    `--ping.entrypoint=${ENTRY_POINT}`,
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
  ];
}

function database(): object {
  return {
    image: `docker.io/amazon/dynamodb-local:${DYNAMODB_LOCAL_VERSION}`,
    command: ["-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"],
    cap_drop: HARDENED.cap_drop,
    security_opt: HARDENED.security_opt,
    restart: "unless-stopped",
  };
}
