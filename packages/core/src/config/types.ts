/** A complete, checked `perch.yaml`: every default filled in, every unit resolved. */
export interface Config {
  readonly project: string;
  readonly mesh: "linkerd" | "none";
  readonly edge: EdgeConfig;
  /** Where images are pushed, without a trailing slash: `ghcr.io/acme`. Only a cluster needs it. */
  readonly registry: string | undefined;
  /** In the order of the file. */
  readonly services: ReadonlyMap<string, ServiceConfig>;
  readonly canary: CanaryConfig;
  readonly cluster: ClusterConfig;
}

export interface EdgeConfig {
  readonly host: string;
  readonly entryPoints: readonly string[];
  readonly tls: boolean;
  /** Secret with the certificate of the host and of `*.<host>`; `undefined`: Traefik's default. */
  readonly certificate: string | undefined;
  readonly middlewares: readonly string[];
}

export type Protocol = "http" | "grpc";

export interface ServiceConfig {
  readonly name: string;
  /** `owner/name`; services of one repository share the numbers of its pull requests. */
  readonly repo: string;
  /** Folder of the service in its repository, `.` for the root; never absolute, never with `..`. */
  readonly path: string;
  /** Folders and files of the repository; a change in one of them makes a canary. Default: `[path]`. */
  readonly paths: readonly string[];
  readonly protocol: Protocol;
  /** Path prefix on the edge host; `undefined`: reached only by other services. */
  readonly edge: string | undefined;
  /** Fully qualified gRPC services, `store.v1.StoreService`; empty for HTTP. */
  readonly grpcServices: readonly string[];
  /** Environment variable → the service whose apex address it receives. */
  readonly calls: ReadonlyMap<string, string>;
  /** Port of its Service in a cluster. */
  readonly port: number;
  /** Environment variable → key of the secret store. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What the local engine provides by the AWS SDK's own environment variables; `undefined`: none. */
  readonly database: "dynamodb" | undefined;
  /** How one machine runs it; `undefined`: the local engine leaves this service out. */
  readonly local: LocalConfig | undefined;
}

export interface LocalConfig {
  /** Shell command, run once per lock file at the root of the repository. */
  readonly install: string | undefined;
  /** Shell command, run per revision in the service's folder. */
  readonly build: string | undefined;
  /** Shell command, run in the service's folder; listens on `PORT`. */
  readonly start: string;
  readonly ready: Readiness;
  /** More environment for build and start. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds that an install, and that a build, may take before it counts as failed. */
  readonly buildTimeout: number;
  /** Milliseconds from start to ready before the start counts as failed. */
  readonly readyTimeout: number;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
}

export type Readiness = { readonly kind: "http"; readonly path: string } | { readonly kind: "grpc" };

export interface CanaryConfig {
  readonly replicas: number;
  readonly maxReplicas: number;
  /** Milliseconds without activity after which a canary goes. */
  readonly ttl: number;
  /** Milliseconds without a request after which a canary sleeps. */
  readonly idle: number;
  /** How many pull requests may have canaries at once; the newest win. */
  readonly maxOpen: number;
  /** How many canaries may have a process at once on one machine; beyond that those sleep that nobody used for longest. */
  readonly maxRunning: number;
  /** How many installs and builds may run at once on one machine; `undefined`: as its cores are. */
  readonly maxBuilds: number | undefined;
  /** Milliseconds that images of a closed pull request stay; 0: they go at once. */
  readonly keepImages: number;
  readonly quota: { readonly cpu: string; readonly memory: string };
}

/** What only a cluster needs to know. */
export interface ClusterConfig {
  /** Namespace of stable, where all routes live. */
  readonly namespace: string;
  /** `owner/name` of the repository with `manifests/`; `undefined`: services have several, and none was named. */
  readonly environmentRepo: string | undefined;
  /** What the cluster follows, and what pull requests must target. */
  readonly branch: string;
  /** Root of the GitHub host, without a final slash: `https://github.com`. */
  readonly github: string;
  /** How Argo CD reads pull requests. */
  readonly githubAuth: "token" | "app";
  /** Names of ClusterSecretStores. */
  readonly secretStores: { readonly stable: string; readonly canary: string };
  /** Key in both stores, and name of the Secret; `undefined`: images need no credentials. */
  readonly imagePullSecret: string | undefined;
  /** `namespace/name` of the ServiceAccount that may list and delete pods of canaries; `undefined`: none. */
  readonly restartAccount: string | undefined;
  /** CIDR ranges that canaries may call. */
  readonly egress: readonly string[];
}
