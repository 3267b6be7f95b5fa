import { PR_LABEL, SERVICE_LABEL } from "../names.ts";
import type { Described } from "../object.ts";

const READY = "perch-canary-ready";
const DEGRADED = "perch-canary-degraded";

/**
 * Texts and triggers for a canary that serves its head, and for one that does not become healthy. Where they go is a
 * team's choice: a `service.…` in this ConfigMap, and an annotation `notifications.argoproj.io/subscribe.…` to it.
 */
export function notifications(): Described {
  return {
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "argocd-notifications-cm" },
      data: {
        [`template.${READY}`]: message(`${CANARY} serves {{ .app.status.sync.revision }}.`),
        [`template.${DEGRADED}`]: message(
          `${CANARY} is not healthy: {{ .app.status.operationState.message }}`,
        ),
        [`trigger.on-${READY}`]: trigger(
          "app.status.health.status == 'Healthy' and app.status.operationState != nil and app.status.operationState.phase == 'Succeeded'",
          READY,
        ),
        [`trigger.on-${DEGRADED}`]: trigger(
          "app.status.health.status == 'Degraded' and app.status.operationState != nil",
          DEGRADED,
        ),
      },
    },
    notes: [[["data", `trigger.on-${READY}`], "Once for each head."]],
  };
}

const CANARY = `{{ index .app.metadata.labels "${SERVICE_LABEL}" }} of pull request {{ index .app.metadata.labels "${PR_LABEL}" }}`;

function message(text: string): string {
  return `message: |-\n  ${text}\n`;
}

function trigger(when: string, template: string): string {
  return `- when: ${when}
  oncePer: app.status.sync.revision
  send: [${template}]
`;
}
