import { CANARY_LABEL } from "../names.ts";
import type { Described, KubernetesObject } from "../object.ts";

/** A ValidatingAdmissionPolicy and its binding, which always come together. */
export interface Policy {
  readonly name: string;
  readonly why: string;
  /** What it looks at: `[group, resources]`, versions as given or all. */
  readonly resources: readonly ResourceRule[];
  /** Default: objects in Namespaces that are canaries'. */
  readonly selector?: Readonly<Record<string, object>>;
  readonly matchConditions?: readonly object[];
  readonly variables?: readonly object[];
  readonly validations: readonly Validation[];
}

export interface ResourceRule {
  readonly group: string;
  readonly resources: readonly string[];
}

export interface Validation {
  /** CEL; true: it may pass. */
  readonly expression: string;
  readonly message?: string;
  /** CEL that gives the message. */
  readonly messageExpression?: string;
}

const CANARY_NAMESPACES = {
  namespaceSelector: { matchLabels: { [CANARY_LABEL]: "true" } },
};

export function policyObjects(policy: Policy): Described[] {
  const {
    name,
    why,
    resources,
    selector = CANARY_NAMESPACES,
    matchConditions,
    variables,
    validations,
  } = policy;
  const object: KubernetesObject = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        ...selector,
        resourceRules: resources.map(({ group, resources: names }) => ({
          apiGroups: [group],
          apiVersions: ["*"],
          operations: ["CREATE", "UPDATE"],
          resources: names,
        })),
      },
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
