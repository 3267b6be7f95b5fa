import { parse } from "yaml";
import type { CanaryPatch } from "../../../src/manifests/canary/index.ts";
import { evaluateTemplate } from "../canary/kustomize-model.ts";

interface Application {
  readonly spec: { readonly source: { readonly kustomize: { readonly patches: readonly Written[] } } };
}

interface Written {
  readonly target: CanaryPatch["target"];
  readonly patch: string;
}

/**
 * The patches of a canary's platform part that Argo CD makes of an ApplicationSet's `templatePatch`.
 * @throws SyntaxError for an action that is not known here
 */
export function platformPatchesOf(templatePatch: string, service: string, pr: number): CanaryPatch[] {
  const [, platform = ""] = templatePatch.split("{{- else }}");
  const text = evaluateTemplate(
    underTrueConditions(platform.replace(/\{\{- end \}\}\n$/, ""), service),
    service,
    pr,
  );
  return (parse(text) as Application).spec.source.kustomize.patches.map(({ target, patch }) => ({
    target,
    operations: (parse(patch) as { path: string; value: string | number }[]).map(({ path, value }) => ({
      path: segmentsOf(path),
      template: String(value),
      kind: typeof value === "number" ? "number" : "text",
    })),
  }));
}

/** The lines whose every condition is true; a condition has a line of its own. */
function underTrueConditions(template: string, service: string): string {
  const conditions: boolean[] = [];
  const isSaid = (line: string): boolean => {
    const [, only, some] =
      /^ *\{\{- if (?:eq \.service "([^"]+)"|has \.service \(list ([^)]+)\)) \}\}$/.exec(line) ?? [];
    if (only !== undefined) conditions.push(only === service);
    else if (some !== undefined) conditions.push(some.split(" ").includes(JSON.stringify(service)));
    else if (/^ *\{\{- end \}\}$/.test(line)) conditions.pop();
    else return conditions.every(Boolean);
    return false;
  };
  const said = template.split("\n").filter(isSaid).join("\n");
  if (conditions.length > 0 || said.includes("{{-")) throw new SyntaxError(said);
  return said;
}

/** A JSON pointer's segments. */
function segmentsOf(pointer: string): string[] {
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}
