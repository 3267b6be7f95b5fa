import { execa } from "execa";
import type { Layout } from "./layout.ts";
import { within } from "./process.ts";

/** Runs kubectl as administrator; returns what it printed. Throws an ExecaError with the command and its messages. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** kubectl of a bed, run inside its network. */
export function kubectlOf(layout: Layout): Kubectl {
  return async (args, input) => {
    const [program, ...rest] = within(layout.network, [
      `${layout.bin}/kubectl`,
      `--kubeconfig=${layout.innerKubeconfig}`,
      ...args,
    ]);
    const { stdout } = await execa(program, rest, input === undefined ? { stdin: "ignore" } : { input });
    return stdout;
  };
}

/**
 * Applies objects by server-side apply, which takes definitions of any size, and takes over what others set. `namespace` is that
 * of objects that name none; objects that name another are then refused.
 */
export async function apply(kubectl: Kubectl, objects: string, namespace?: string): Promise<void> {
  const where = namespace === undefined ? [] : [`--namespace=${namespace}`];
  const how = ["--server-side", "--force-conflicts", "--field-manager=perch-bed"];
  await kubectl(["apply", ...where, ...how, "--filename=-"], objects);
}
