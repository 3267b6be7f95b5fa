import type { ServiceConfig } from "../config/types.ts";
import { portName } from "./names.ts";

/**
 * The port of a Service of this service. `kubernetes.io/h2c` and not `grpc`: Linkerd takes the latter as opaque TCP, and
 * canary calls then reach stable silently.
 */
export function servicePort({ protocol, port }: ServiceConfig): object {
  const name = portName(protocol);
  return {
    name,
    port,
    protocol: "TCP",
    targetPort: name,
    appProtocol: protocol === "grpc" ? "kubernetes.io/h2c" : "http",
  };
}
