/** The first version number in a tool's output: "Kubernetes v1.34.4" → "1.34.4"; undefined if there is none. */
export function versionIn(output: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+)\b/.exec(output)?.[1];
}

/** Whether a version found may stand in for the one wanted: same major and minor, any patch. */
export function isCompatible(found: string, wanted: string): boolean {
  const line = (version: string) => version.split(".").slice(0, 2).join(".");
  return line(found) === line(wanted);
}

/** Name of the environment variable that names a tool's file: kube-apiserver → PERCH_KUBE_APISERVER. */
export function variableOf(tool: string): string {
  return `PERCH_${tool.toUpperCase().replaceAll("-", "_")}`;
}
