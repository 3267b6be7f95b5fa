import { environmentRules } from "./environment-rules.ts";
import type { Finding } from "./problems.ts";
import { SERVICE_NAME_PATTERN } from "./scalars.ts";
import { quote } from "./text.ts";
import { type ConfigView, type ServiceView, viewConfig } from "./view.ts";

// What a schema cannot say: rules between keys, and names. Each looks only at values that are right by themselves, so
// that one mistake is one problem.

const SERVICE_NAME = new RegExp(SERVICE_NAME_PATTERN);

/** Every broken rule between keys of the document. */
export function checkRules(value: unknown): Finding[] {
  const config = viewConfig(value);
  return [
    ...config.services.flatMap(serviceRules),
    ...environmentRules(config),
    ...edgePrefixesOnce(config),
    ...repositoriesInOneSpelling(config),
    ...listsWithoutRepetition(config),
    ...replicasWithinLimit(config),
    ...certificateWithTls(config),
  ];
}

function serviceRules(service: ServiceView): Finding[] {
  return [...validName(service), ...protocolKeys(service), ...readinessOfProtocol(service)];
}

function validName({ name }: ServiceView): Finding[] {
  if (SERVICE_NAME.test(name)) return [];
  const found = { path: ["services", name], at: "key" } as const;
  if (name.length > 40) {
    const message = `a service name of ${name.length} characters; at most 40, so that <service>-canary-pr-<number> fits a Kubernetes name`;
    return [{ ...found, message }];
  }
  if (name.includes("-canary-pr-")) {
    return [{ ...found, message: 'a service name must not contain "-canary-pr-", which names canaries' }];
  }
  const message = "expected a service name of lower-case letters, digits and inner hyphens, a letter first";
  return [{ ...found, message }];
}

function protocolKeys(service: ServiceView): Finding[] {
  const { name, parts, has } = service;
  const at = (key: string): Pick<Finding, "path" | "at"> => ({ path: ["services", name, key], at: "key" });
  if (parts.protocol === "http" && has("grpcServices")) {
    return [{ ...at("grpcServices"), message: "only for protocol: grpc, and this service is http" }];
  }
  if (parts.protocol !== "grpc") return [];
  const findings: Finding[] = [];
  if (!has("grpcServices")) {
    const message = "missing; a grpc service lists what it serves, such as [store.v1.StoreService]";
    findings.push({ ...at("grpcServices"), message });
  }
  if (has("edge")) {
    const message = "the edge takes only HTTP, and this service is grpc";
    findings.push({ ...at("edge"), message, hint: "call it from an http service by calls" });
  }
  return findings;
}

function readinessOfProtocol({ name, parts, local }: ServiceView): Finding[] {
  const ready = local?.parts.ready;
  if (ready === undefined || parts.protocol === undefined) return [];
  if ((ready === "grpc") === (parts.protocol === "grpc")) return [];
  const expected =
    parts.protocol === "grpc" ? "expected grpc, for a grpc service" : "expected a path, for an http service";
  return [
    {
      path: ["services", name, "local", "ready"],
      at: "value",
      message: `${expected}; found ${quote(ready)}`,
    },
  ];
}

function edgePrefixesOnce({ services }: ConfigView): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { name, parts } of services) {
    if (parts.edge === undefined) continue;
    const owner = owners.get(parts.edge);
    if (owner === undefined) owners.set(parts.edge, name);
    else {
      const message = `${quote(parts.edge)} already leads to ${quote(owner)}; a prefix leads to one service`;
      findings.push({ path: ["services", name, "edge"], at: "value", message });
    }
  }
  return findings;
}

/** Repositories are told apart by their text, while their host ignores case. */
function repositoriesInOneSpelling({ services }: ConfigView): Finding[] {
  const spellings = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { name, parts } of services) {
    if (parts.repo === undefined) continue;
    const first = spellings.get(parts.repo.toLowerCase());
    if (first === undefined) spellings.set(parts.repo.toLowerCase(), parts.repo);
    else if (first !== parts.repo) {
      const message = `differs only in case from ${quote(first)}; expected one spelling for one repository`;
      findings.push({ path: ["services", name, "repo"], at: "value", message });
    }
  }
  return findings;
}

function listsWithoutRepetition({ edge, services }: ConfigView): Finding[] {
  return [
    ...repetitions(["edge", "entryPoints"], edge.parts.entryPoints),
    ...repetitions(["edge", "middlewares"], edge.parts.middlewares),
    ...services.flatMap(({ name, parts }) => [
      ...repetitions(["services", name, "paths"], parts.paths),
      ...repetitions(["services", name, "grpcServices"], parts.grpcServices),
    ]),
  ];
}

function repetitions(path: readonly PropertyKey[], items: readonly string[] = []): Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, index): Finding[] => {
    if (seen.has(item))
      return [{ path: [...path, index], at: "value", message: `${quote(item)} is given twice` }];
    seen.add(item);
    return [];
  });
}

function replicasWithinLimit({ canary }: ConfigView): Finding[] {
  const { replicas, maxReplicas } = canary.parts;
  if (replicas === undefined || maxReplicas === undefined || maxReplicas >= replicas) return [];
  const message = `expected at least canary.replicas, which is ${replicas}; found ${maxReplicas}`;
  return [{ path: ["canary", "maxReplicas"], at: "value", message }];
}

function certificateWithTls({ edge }: ConfigView): Finding[] {
  if (!edge.has("certificate") || edge.parts.tls !== false) return [];
  return [{ path: ["edge", "certificate"], at: "key", message: "only with edge.tls: true" }];
}
