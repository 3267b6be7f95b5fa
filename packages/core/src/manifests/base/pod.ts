import type { ServiceConfig } from "../../config/types.ts";
import { portName } from "../names.ts";

/** What a base's Service, budget and Deployment select its pods by. */
export function selectorLabels({ name }: ServiceConfig): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** The name by which probes and Services mean the container's port. */
export function containerPort(service: ServiceConfig): { name: string; containerPort: number } {
  return { name: portName(service.protocol), containerPort: service.protocol === "grpc" ? 50_051 : 8080 };
}
