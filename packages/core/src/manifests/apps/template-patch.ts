import type { ServiceConfig } from "../../config/types.ts";
import { REVISION_LENGTH } from "../../naming.ts";
import { type CanaryPatch, canaryPatches } from "../canary/index.ts";
import type { TemplatedValue } from "../canary-identity.ts";
import { CANARY_SERVICE_ACCOUNT, HEAD_ANNOTATION, PR_LABEL, SERVICE_LABEL } from "../names.ts";
import { jsonPointer } from "../object.ts";
import type { Project } from "../project.ts";

/**
 * What of an Application depends on its part and service, as a Go template whose output is YAML. It is text until then:
 * of what GitHub says only the number and the head's sha are in it.
 */
export function templatePatch(project: Project, services: readonly ServiceConfig[]): string {
  return `{{- $ns := printf "%s-canary-pr-%s" .service .number }}
{{- $rev := trunc ${REVISION_LENGTH} .head_sha }}
{{- if eq .part "workload" }}
${workload(project)}{{- else }}
spec:
  source:
    kustomize:
${LABELS}      patches:
${platform(project, services)}{{- end }}
`;
}

const LABELS = `      commonLabels: {${SERVICE_LABEL}: '{{ .service }}', ${PR_LABEL}: '{{ .number }}'}
      labelWithoutSelector: true
`;

/**
 * Seconds without progress after which a canary's roll counts as stuck, in place of Kubernetes' 600: its author waits for the answer. No
 * patch can take the lesser of two, so that it holds for every base; and a roll that waits longer than that for each pod
 * (`minReadySeconds`) the API server would refuse.
 */
const STUCK_AFTER = 120;

/** labelIncludeTemplates: the pods too, since `<service>-route` selects by those labels. */
function workload({ registry, canary }: Project): string {
  return `metadata:
  annotations: {${HEAD_ANNOTATION}: '{{ .head_sha }}'}
spec:
  source:
    kustomize:
      namespace: '{{ $ns }}'
      images: ['{{ .service }}=${registry}/{{ .service }}:pr-{{ .number }}-{{ $rev }}']
${LABELS}      labelIncludeTemplates: true
      patches:
        - target: {kind: Deployment, name: '{{ .service }}'}
          patch: |-
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: '{{ .service }}'}
            spec:
              progressDeadlineSeconds: ${STUCK_AFTER}
              minReadySeconds: null
              template:
                spec:
                  serviceAccountName: ${CANARY_SERVICE_ACCOUNT}
                  containers:
                    - name: '{{ .service }}'
                      env:
                        - {name: CANARY_SERVICE, value: '{{ .service }}'}
                        - {name: CANARY_PR, value: '{{ .number }}'}
                        - {name: CANARY_REVISION, value: '{{ $rev }}'}
        - target: {kind: HorizontalPodAutoscaler, name: '{{ .service }}'}
          patch: |-
            - {op: add, path: /spec/minReplicas, value: ${canary.replicas}}
            - {op: add, path: /spec/maxReplicas, value: ${canary.maxReplicas}}
        - target: {kind: PodDisruptionBudget}
          patch: |-
            - {op: add, path: /spec/unhealthyPodEvictionPolicy, value: AlwaysAllow}
`;
}

/**
 * The patches of all services, each line once: what only some services have is under a condition that names them. A share
 * link has a line for each path of the edge; said anew for each service they would be more than a cluster stores as one object.
 */
function platform(project: Project, services: readonly ServiceConfig[]): string {
  const targets = new Map<string, { names: string[]; lines: Map<string, string[]> }>();
  for (const service of services) {
    for (const { target, operations } of platformPatches(project, service)) {
      const { names, lines } = orNew(targets, targetLines(target), () => ({ names: [], lines: new Map() }));
      names.push(service.name);
      for (const operation of operations) orNew(lines, operationLine(operation), () => []).push(service.name);
    }
  }
  const patches = [...targets].map(([text, { names, lines }]): Conditional => {
    const own = [...lines].map(([line, some]): Conditional => ({ text: line, names: some }));
    return { text: `${text}${underConditions(own, names.length)}`, names };
  });
  return underConditions(patches, services.length);
}

/** Lines of the template, and the services that have them. */
interface Conditional {
  readonly text: string;
  readonly names: readonly string[];
}

/** The texts, neighbours of the same services under one condition; what all have is under none. */
function underConditions(parts: readonly Conditional[], all: number): string {
  const groups: { condition: string; text: string }[] = [];
  for (const { text, names } of parts) {
    const condition = names.length === all ? "" : conditionOf(names);
    const last = groups.at(-1);
    if (last?.condition === condition) last.text += text;
    else groups.push({ condition, text });
  }
  return groups
    .map(({ condition, text }) => (condition === "" ? text : `${condition}\n${text}{{- end }}\n`))
    .join("");
}

function conditionOf(names: readonly string[]): string {
  const texts = names.map((name) => JSON.stringify(name));
  return texts.length === 1
    ? `{{- if eq .service ${texts[0]} }}`
    : `{{- if has .service (list ${texts.join(" ")}) }}`;
}

function orNew<T>(map: Map<string, T>, key: string, create: () => T): T {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

/** A private use character, which no name has. */
const SERVICE = "\u{e002}";

/** The patches, found by building the objects of the same service under a name that stands for its own. */
function platformPatches(project: Project, service: ServiceConfig): CanaryPatch[] {
  const renamed = (name: string) => (name === service.name ? SERVICE : name);
  const services = [...project.services.values()].map((one): [string, ServiceConfig] => {
    const calls = new Map([...one.calls].map(([variable, callee]) => [variable, renamed(callee)]));
    return [renamed(one.name), { ...one, name: renamed(one.name), calls }];
  });
  return canaryPatches({ ...project, services: new Map(services) }, { ...service, name: SERVICE });
}

function named(text: string): string {
  return text.replaceAll(SERVICE, "{{ .service }}");
}

function targetLines(target: CanaryPatch["target"]): string {
  const entries = Object.entries(target).map(([key, value]) => `${key}: '${named(value)}'`);
  return `        - target: {${entries.join(", ")}}\n          patch: |-\n`;
}

/** Text in single quotes, in which YAML knows no escape but the doubled quote; no rule has one. */
function operationLine({ path, template, kind }: TemplatedValue): string {
  const text = named(template);
  const value = kind === "number" ? text : `'${text.replaceAll("'", "''")}'`;
  return `            - {op: replace, path: ${jsonPointer(path)}, value: ${value}}\n`;
}
