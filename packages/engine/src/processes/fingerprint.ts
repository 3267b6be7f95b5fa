import { createHash } from "node:crypto";
import { type Config, type DesiredVariant, type LocalAddresses, processSpec } from "@perch/core";
import type { Checkout } from "../pull-requests/source.ts";

/**
 * Of everything that the build and the process of a variant are told, but for the port that is its own: two engines with
 * the same one would run it in the same way. `undefined`: this engine would not run it at all.
 */
export function fingerprint(
  config: Config,
  desired: DesiredVariant,
  addresses: Omit<LocalAddresses, "own">,
  checkout: Pick<Checkout, "isOwn">,
): string | undefined {
  if (config.services.get(desired.variant.service)?.local === undefined) return undefined;
  const spec = processSpec(config, desired, { ...addresses, own: { host: "", port: 0 } });
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([desired.repo, desired.commit, { ...spec, env }, checkout.isOwn]))
    .digest("hex");
}
