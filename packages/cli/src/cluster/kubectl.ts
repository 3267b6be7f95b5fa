import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PerchError } from "@perch/core";

const execute = promisify(execFile);

/** Milliseconds that kubectl may take. */
const PATIENCE = 60_000;

/** Which cluster: as kubectl takes it; both absent: kubectl's own choice. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Runs kubectl, which has whatever a cluster's login needs, and returns its standard output.
 * @throws PerchError CLUSTER_UNREACHABLE, or CLUSTER_REFUSED where the cluster was reached, with what kubectl said
 */
export async function kubectl(args: readonly string[], options: ClusterOptions): Promise<string> {
  const { kubeconfig, context } = options;
  const flags = [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
  try {
    const { stdout } = await execute("kubectl", [...flags, ...args], {
      timeout: PATIENCE,
      maxBuffer: 512 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    throw failure(["kubectl", ...flags, ...args].join(" "), error as NodeJS.ErrnoException);
  }
}

/** What a cluster answers that does not let this login ask, or does not know such objects. */
const REFUSED = /\(Forbidden\)|doesn't have a resource type/;

function failure(command: string, cause: KubectlError): PerchError {
  const missing = cause.code === "ENOENT";
  const said = whatItSaid(cause);
  const isRefused = REFUSED.test(said);
  return new PerchError(
    {
      code: isRefused ? "CLUSTER_REFUSED" : "CLUSTER_UNREACHABLE",
      message: `The cluster ${isRefused ? "refuses that" : "cannot be read"}: ${said}.`,
      hint: missing
        ? "Install kubectl, or put it on PATH."
        : `Try \`${command}\`; --kubeconfig and --context choose another cluster.`,
      fault: "environment",
    },
    { cause },
  );
}

interface KubectlError extends NodeJS.ErrnoException {
  readonly stderr?: string;
  /** It was ended for want of an answer. */
  readonly killed?: boolean;
}

function whatItSaid({ code, killed, stderr = "", message }: KubectlError): string {
  if (code === "ENOENT") return "kubectl is not on PATH";
  if (killed === true) return `kubectl has not answered within ${PATIENCE / 1000} s`;
  return stderr.trim().split("\n").at(-1) || message;
}
