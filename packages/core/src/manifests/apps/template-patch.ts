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
  const platform = services
    .map(
      (service, index) =>
        `{{- ${index === 0 ? "" : "else "}if eq .service "${service.name}" }}\n${platformPatches(project, service)}`,
    )
    .join("");
  return `{{- $ns := printf "%s-canary-pr-%s" .service .number }}
{{- $rev := trunc ${REVISION_LENGTH} .head_sha }}
{{- if eq .part "workload" }}
${workload(project)}{{- else }}
spec:
  source:
    kustomize:
${LABELS}      patches:
${platform}{{- end }}
{{- end }}
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
            - {op: replace, path: /spec/minReplicas, value: ${canary.replicas}}
            - {op: replace, path: /spec/maxReplicas, value: ${canary.maxReplicas}}
`;
}

function platformPatches(project: Project, service: ServiceConfig): string {
  return canaryPatches(project, service).map(kustomizePatch).join("");
}

function kustomizePatch({ target, operations }: CanaryPatch): string {
  const entries = Object.entries(target).map(([key, value]) => `${key}: ${value}`);
  return `        - target: {${entries.join(", ")}}
          patch: |-
${operations.map((operation) => `            - ${jsonPatch(operation)}\n`).join("")}`;
}

/** Text in single quotes, in which YAML knows no escape but the doubled quote; no rule has one. */
function jsonPatch({ path, template, kind }: TemplatedValue): string {
  const value = kind === "number" ? template : `'${template.replaceAll("'", "''")}'`;
  return `{op: replace, path: ${jsonPointer(path)}, value: ${value}}`;
}
