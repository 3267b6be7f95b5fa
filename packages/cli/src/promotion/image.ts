import { type Config, PerchError } from "@perch/core";
import { unknownService } from "../project.ts";

/**
 * The image of a service, without its tag: `<registry>/<service>`.
 * @throws PerchError UNKNOWN_SERVICE; CONFIG_INVALID where perch.yaml names no registry
 */
export function imageOf(config: Config, service: string): string {
  assertService(config, service);
  if (config.registry !== undefined) return `${config.registry}/${service}`;
  throw new PerchError({
    code: "CONFIG_INVALID",
    message: "perch.yaml names no registry.",
    hint: "Add `registry: ghcr.io/acme`: images are <registry>/<service>.",
    fault: "user",
  });
}

/** @throws PerchError UNKNOWN_SERVICE */
export function assertService({ services }: Config, service: string): void {
  if (!services.has(service)) throw unknownService(service, services.keys());
}
