// Objects of a cluster, as far as a status needs them: as `kubectl get --output=json` prints them. What a field means is
// described in https://kubernetes.io/docs/reference/kubernetes-api/ and in Argo CD's CRDs.

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}

export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`; Argo CD's Applications have none. */
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Application {
  readonly metadata: Metadata;
  readonly spec?: {
    readonly source?: {
      readonly path?: string;
      readonly kustomize?: { readonly images?: readonly string[] };
    };
  };
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string; readonly lastTransitionTime?: string };
    readonly conditions?: readonly Condition[];
    readonly operationState?: OperationState;
  };
}

export interface OperationState {
  /** `Running`, `Terminating`, `Succeeded`, `Failed` or `Error`. */
  readonly phase?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly retryCount?: number;
  readonly syncResult?: {
    readonly resources?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly status?: string;
      readonly message?: string;
    }[];
  };
}

export interface ApplicationSet {
  readonly metadata: Metadata;
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface Deployment {
  readonly metadata: Metadata;
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: { readonly readyReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface ReplicaSet {
  readonly metadata: Metadata;
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: { readonly readyReplicas?: number; readonly conditions?: readonly Condition[] };
}

export interface PodTemplate {
  readonly spec?: { readonly containers?: readonly Container[] };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly readinessProbe?: Probe;
}

export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port?: number | string };
  readonly grpc?: { readonly port?: number };
  readonly tcpSocket?: { readonly port?: number | string };
  readonly exec?: object;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec?: { readonly containers?: readonly Container[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: Terminated;
}

export interface Terminated {
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/, as core/v1 has it. */
export interface ClusterEvent {
  readonly metadata: Metadata;
  readonly involvedObject: { readonly uid?: string };
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

export interface EndpointSlice {
  readonly metadata: Metadata;
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/** The newest transition among some times of RFC 3339, in epoch milliseconds; 0: none is known. */
export function epoch(...times: readonly (string | undefined)[]): number {
  return Math.max(0, ...times.map((time) => Date.parse(time ?? "")).filter((time) => !Number.isNaN(time)));
}

/** The condition of a type that holds, or with `status` one that says so. */
export function condition(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: "True" | "False" = "True",
): Condition | undefined {
  return conditions?.find((one) => one.type === type && one.status === status);
}
