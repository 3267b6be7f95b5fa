/** Every way in which perch fails, by a code that scripts may rely on. */
export type ErrorCode =
  | "CONFIG_INVALID"
  | "CONFIG_NOT_FOUND"
  | "USAGE"
  | "UNSUPPORTED_PLATFORM"
  | "PORT_IN_USE"
  | "ADDRESS_UNAVAILABLE"
  | "CONFIG_CHANGED"
  | "CERTIFICATE_UNUSABLE"
  | "STATE_DIR_UNUSABLE"
  | "ENGINE_RUNNING"
  | "ENGINE_NOT_RUNNING"
  | "SOURCE_UNREACHABLE"
  | "CHECKOUT_FAILED"
  | "INSTALL_FAILED"
  | "BUILD_FAILED"
  | "START_FAILED"
  | "START_TIMEOUT"
  | "EXITED"
  | "DATABASE_FAILED"
  | "CANARIES_WAIT"
  | "DISK_NEARLY_FULL"
  | "MACHINE_EXHAUSTED"
  | "CLUSTER_UNREACHABLE"
  | "CLUSTER_REFUSED"
  | "MANIFESTS_INVALID"
  | "SYNC_FAILED"
  | "PODS_REFUSED"
  | "IMAGE_PULL_FAILED"
  | "NO_ENDPOINTS"
  | "UNKNOWN_SERVICE"
  | "INVALID_SELECTOR"
  | "EVENT_INVALID"
  | "GITHUB_FAILED"
  | "GITHUB_REFUSED"
  | "WEBHOOK_FAILED"
  | "OVERLAY_UNREADABLE"
  | "IMAGE_NOT_FOUND"
  | "REGISTRY_FAILED"
  | "PROMETHEUS_FAILED"
  | "NOT_ALLOWED"
  | "SUPERSEDED"
  | "INTERNAL";

/** Who can mend it. */
export type Fault = "user" | "pull-request" | "environment" | "perch";

/** An error as data: what crosses the status API. */
export interface PerchErrorData {
  readonly code: ErrorCode;
  /** What failed and what was expected. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly fault: Fault;
}

/** The only error that perch throws on purpose. Anything else that surfaces is a bug in perch. */
export class PerchError extends Error implements PerchErrorData {
  override readonly name = "PerchError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly fault: Fault;

  constructor(data: PerchErrorData, options?: ErrorOptions) {
    super(data.message, options);
    this.code = data.code;
    this.hint = data.hint;
    this.fault = data.fault;
  }
}
