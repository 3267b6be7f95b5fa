export { type ClusterReading, clusterStatus } from "./cluster-status.ts";
export type {
  Application,
  ApplicationSet,
  ClusterEvent,
  Deployment,
  EndpointSlice,
  Pod,
  ReplicaSet,
} from "./objects.ts";
