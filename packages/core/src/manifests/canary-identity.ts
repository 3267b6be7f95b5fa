import { canaryName } from "../naming.ts";
import { type KubernetesObject, leavesOf, type ObjectPath } from "./object.ts";

/**
 * Which canary an object is of. The same function that builds an object for PR 7 builds it for the files and for the
 * ApplicationSet, where the number is a template; so files, patches and a real canary cannot differ.
 */
export interface CanaryIdentity {
  /** The digits of the pull request, or what stands for them. */
  readonly number: string;
  /** `<service>-canary-pr-<number>`, or what stands for it. */
  readonly namespace: string;
  /** `base + 2 × number`: unique priorities, of which the higher number wins. */
  priority(base: number): number;
}

/** A real canary. */
export function canaryIdentity(service: string, pr: number): CanaryIdentity {
  return {
    number: String(pr),
    namespace: canaryName(service, pr),
    priority: (base) => base + 2 * pr,
  };
}

/** The namespace of every object in the files; one patch by target replaces it in all of them. */
export const PLACEHOLDER_NAMESPACE = "canary-namespace";

/** What the files have in place of a canary: no selector is valid with the number 0, so what nobody patched matches nothing. */
export const PLACEHOLDER: CanaryIdentity = {
  number: "0",
  namespace: PLACEHOLDER_NAMESPACE,
  priority: (base) => base,
};

// Private use characters, which no object has.
const NUMBER = "\u{e000}";
const NAMESPACE = "\u{e001}";
/** Above every real priority (under 2·10^10 + 100) and the fixed ones, and exact in a JavaScript number. */
const PRIORITY = 10 ** 15;

/** What the ApplicationSet has in place of a canary: every value with it shows. */
export const TEMPLATE: CanaryIdentity = {
  number: NUMBER,
  namespace: NAMESPACE,
  priority: (base) => PRIORITY + base,
};

/** A value of an object that depends on the canary, and the Go template that gives it. */
export interface TemplatedValue {
  readonly path: ObjectPath;
  /** With `{{ .number }}` and `{{ $ns }}`; for a number, an expression that prints its digits. */
  readonly template: string;
  readonly kind: "text" | "number";
}

/** What of an object that was built for `TEMPLATE` depends on the canary; in the order of its keys. */
export function templatedValues(object: KubernetesObject): TemplatedValue[] {
  const values: TemplatedValue[] = [];
  for (const [path, leaf] of leavesOf(object)) {
    if (typeof leaf === "string" && (leaf.includes(NUMBER) || leaf.includes(NAMESPACE))) {
      const template = leaf.replaceAll(NUMBER, "{{ .number }}").replaceAll(NAMESPACE, "{{ $ns }}");
      values.push({ path, kind: "text", template });
    } else if (typeof leaf === "number" && leaf >= PRIORITY) {
      const base = leaf - PRIORITY;
      values.push({ path, kind: "number", template: `{{ add ${base} (mul 2 (int64 .number)) }}` });
    }
  }
  return values;
}
