import type { ServiceConfig } from "../../config/types.ts";
import { REVISION_LENGTH } from "../../naming.ts";
import { type CanaryPatch, canaryPatches } from "../canary/index.ts";
import type { TemplatedValue } from "../canary-identity.ts";
import { CANARY_SERVICE_ACCOUNT, PR_LABEL, SERVICE_LABEL } from "../names.ts";
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

/** labelIncludeTemplates: the pods too, since `<service>-route` selects by those labels. */
function workload({ registry, canary }: Project): string {
  return `spec:
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
`;
}

/** The patches of each service, once for all whose patches differ only in its name. */
function platform(project: Project, services: readonly ServiceConfig[]): string {
  const shapes = Map.groupBy(services, (service) => platformPatches(project, service));
  if (shapes.size === 1) return [...shapes.keys()].join("");
  const cases = [...shapes].map(([patches, alike], index) => {
    const names = alike.map(({ name }) => `"${name}"`).join(" ");
    return `{{- ${index === 0 ? "" : "else "}if has .service (list ${names}) }}\n${patches}`;
  });
  return `${cases.join("")}{{- end }}\n`;
}

/** A private use character, which no name has. */
const SERVICE = "\u{e002}";

/** The patches, found by building the objects of the same service under a name that stands for its own. */
function platformPatches(project: Project, service: ServiceConfig): string {
  const renamed = (name: string) => (name === service.name ? SERVICE : name);
  const services = [...project.services.values()].map((one): [string, ServiceConfig] => {
    const calls = new Map([...one.calls].map(([variable, callee]) => [variable, renamed(callee)]));
    return [renamed(one.name), { ...one, name: renamed(one.name), calls }];
  });
  const patches = canaryPatches({ ...project, services: new Map(services) }, { ...service, name: SERVICE });
  return patches.map(kustomizePatch).join("").replaceAll(SERVICE, "{{ .service }}");
}

function kustomizePatch({ target, operations }: CanaryPatch): string {
  const entries = Object.entries(target).map(([key, value]) => `${key}: '${value}'`);
  return `        - target: {${entries.join(", ")}}
          patch: |-
${operations.map((operation) => `            - ${jsonPatch(operation)}\n`).join("")}`;
}

/** Text in single quotes, in which YAML knows no escape but the doubled quote; no rule has one. */
function jsonPatch({ path, template, kind }: TemplatedValue): string {
  const value = kind === "number" ? template : `'${template.replaceAll("'", "''")}'`;
  return `{op: replace, path: ${jsonPointer(path)}, value: ${value}}`;
}
