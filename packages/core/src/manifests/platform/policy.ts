import { CANARY_LABEL } from "../names.ts";
import type { Described, KubernetesObject } from "../object.ts";

/** A ValidatingAdmissionPolicy and its binding, which always come together. */
export interface Policy {
  readonly name: string;
  readonly why: string;
  /** What it looks at, on create and update, in all versions. */
  readonly resources: readonly ResourceRule[];
  /** Default: objects in Namespaces that are canaries', and those Namespaces. */
  readonly selector?: Readonly<Record<string, object>>;
  readonly matchConditions?: readonly NamedExpression[];
  readonly variables?: readonly NamedExpression[];
  readonly validations: readonly Validation[];
}

export interface ResourceRule {
  readonly group: string;
  readonly resources: readonly string[];
  /** Needed with `*`: a selector of Namespaces lets through every object that is in none. */
  readonly scope?: "Namespaced";
}

export interface NamedExpression {
  readonly name: string;
  /** CEL. */
  readonly expression: string;
}

export interface Validation {
  /** CEL; true: it may pass. */
  readonly expression: string;
  readonly message?: string;
  /** CEL that gives the message. */
  readonly messageExpression?: string;
}

/** What goes away is not held up, also when it was made before a rule was. */
export const NOT_DELETED: NamedExpression = {
  name: "not-deleted",
  expression: "!has(object.metadata.deletionTimestamp)",
};

/** A list of texts, as CEL writes it. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`).join(", ")}]`;
}

const CANARY_NAMESPACES = {
  namespaceSelector: { matchLabels: { [CANARY_LABEL]: "true" } },
};

export function policyObjects(policy: Policy): Described[] {
  const { name, why } = policy;
  const { resources, selector = CANARY_NAMESPACES, matchConditions, variables, validations } = policy;
  const object: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { ...selector, resourceRules: resources.map(resourceRule) },
      ...(matchConditions !== undefined && { matchConditions }),
      ...(variables !== undefined && { variables }),
      validations,
    },
  };
  const binding: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  };
  return [{ object, why }, { object: binding }];
}

function resourceRule({ group, resources, scope }: ResourceRule): object {
  return {
    apiGroups: [group],
    apiVersions: ["*"],
    operations: ["CREATE", "UPDATE"],
    resources,
    ...(scope !== undefined && { scope }),
  };
}
