import assert from "node:assert/strict";
import { type ClusterReading, clusterStatus, type Pod } from "@perch/core";
import { shop } from "../support.ts";
import { application, MADE, NEXT, NOW, pod, reading, replicaSet } from "./objects.ts";

/** The canary of that reading. */
export function canaryOf(change: Partial<ClusterReading>, now = NOW) {
  const status = clusterStatus(shop(), reading(change), now);
  const canary = status.services[0]?.canaries[0];
  assert.ok(canary !== undefined);
  return { canary, status };
}

/** A Deployment none of whose pods is ready. */
export function notReady(...pods: Pod[]): Partial<ClusterReading> {
  return { replicaSets: [replicaSet()], pods };
}

export function waiting(reason: string, message: string): Pod {
  const state = { waiting: { reason, message } };
  return pod({
    phase: "Pending",
    containerStatuses: [{ name: "api", ready: false, restartCount: 0, state }],
  });
}

/** A sync that changes nothing of what runs at HEAD, while NEXT is wanted. */
export function unsynced(status: Parameters<typeof application>[0]): Partial<ClusterReading> {
  return {
    applications: [application({ sync: { status: "OutOfSync" }, ...status }, { revision: NEXT })],
  };
}

export const NOTHING = { deployments: [], replicaSets: [], pods: [] } satisfies Partial<ClusterReading>;

export const NO_NAMESPACE = 'namespaces "api-canary-pr-7" not found';

export function unready(): Pod {
  const state = { running: { startedAt: MADE } };
  return pod({
    phase: "Running",
    containerStatuses: [{ name: "api", ready: false, restartCount: 0, state }],
  });
}
