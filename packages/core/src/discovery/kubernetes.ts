import { type FileSet, folderOf } from "./files.ts";
import { list, parseYaml, portNumber, record, scalar, text } from "./read.ts";
import type { Clue } from "./types.ts";

type Found = {
  readonly from: string;
  readonly kind: string;
  readonly object: Readonly<Record<string, unknown>>;
};

const WORKLOADS = new Set(["Deployment", "StatefulSet"]);

/** A clue for each Deployment, with the Services that select it and the Ingresses that lead to those. */
export function kubernetesWorkloads(files: FileSet): Clue[] {
  const objects = files.all().flatMap(({ path, text: source }): Found[] => {
    if (!/\.ya?ml$/.test(path) || !/^kind:/m.test(source)) return [];
    return parseYaml(source).flatMap((value) => {
      const object = record(value);
      const kind = text(object.kind);
      return kind === undefined || text(object.apiVersion) === undefined
        ? []
        : [{ from: path, kind, object }];
    });
  });
  const services = objects.filter(({ kind }) => kind === "Service");
  const prefixes = ingressPrefixes(objects);
  return objects.flatMap((found) =>
    WORKLOADS.has(found.kind) ? workloadClue(found, services, prefixes) : [],
  );
}

const nameOf = (object: Readonly<Record<string, unknown>>) => text(record(object.metadata).name);

function workloadClue(
  { from, kind, object }: Found,
  services: readonly Found[],
  prefixes: ReadonlyMap<string, readonly string[]>,
): Clue[] {
  const name = nameOf(object);
  const template = record(record(object.spec).template);
  const containers = list(record(template.spec).containers).map(record);
  const container = containers.find(({ ports }) => list(ports).length > 0) ?? containers[0];
  if (name === undefined || container === undefined) return [];
  const labels = record(record(template.metadata).labels);
  const own = nearest(
    from,
    services.filter(({ object: service }) => selects(record(service.spec).selector, labels)),
  );
  const apexes = own.flatMap(({ object: service }) => nameOf(service) ?? []);
  const probe = record(container.readinessProbe);
  const ready = text(record(probe.httpGet).path);
  const ports = list(container.ports).map(record);
  const servicePorts = own.flatMap(({ object: service }) => list(record(service.spec).ports).map(record));
  const isGrpc = probe.grpc !== undefined || [...ports, ...servicePorts].some(isGrpcPort);
  const image = (text(container.image) ?? "").replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const led = apexes.flatMap((apex) => prefixes.get(apex) ?? []);
  return [
    {
      from,
      says: `${kind} ${name}`,
      // Others call it by its Service's name.
      names: [...apexes, name, ...(image === "" ? [] : [image])],
      ports: ports.flatMap(({ containerPort }) => portNumber(containerPort) ?? []),
      env: variables(container.env),
      prefixes: led,
      isPublished: led.length > 0,
      ...(ready !== undefined && { ready }),
      ...(isGrpc && { isGrpc }),
    },
  ];
}

/** Those beside the workload, if there are any: another folder may have a whole other system with the same labels. */
function nearest(from: string, services: readonly Found[]): readonly Found[] {
  const beside = services.filter((service) => folderOf(service.from) === folderOf(from));
  return beside.length > 0 ? beside : services;
}

function isGrpcPort({ name, appProtocol }: Readonly<Record<string, unknown>>): boolean {
  return /^grpc/.test(String(name ?? "")) || /^(?:grpc|kubernetes\.io\/h2c)$/.test(String(appProtocol ?? ""));
}

function selects(selector: unknown, labels: Readonly<Record<string, unknown>>): boolean {
  const wanted = Object.entries(record(selector));
  return (
    wanted.length > 0 && wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
  );
}

/** Values that are written there; those of Secrets and ConfigMaps are not. */
function variables(value: unknown): Map<string, string> {
  return new Map(
    list(value)
      .map(record)
      .flatMap(({ name, value: content }) => {
        const [variable, written] = [text(name), scalar(content)];
        return variable === undefined || written === undefined ? [] : [[variable, written] as const];
      }),
  );
}

/** Path prefixes by the name of the Service that they lead to. */
function ingressPrefixes(objects: readonly Found[]): Map<string, string[]> {
  const prefixes = new Map<string, string[]>();
  for (const { object } of objects.filter(({ kind }) => kind === "Ingress")) {
    const paths = list(record(object.spec).rules).flatMap((rule) => list(record(record(rule).http).paths));
    for (const { path, backend } of paths.map(record)) {
      const service = text(record(record(backend).service).name);
      if (service === undefined) continue;
      prefixes.set(service, [...(prefixes.get(service) ?? []), text(path) ?? "/"]);
    }
  }
  return prefixes;
}
