import type { Config } from "@perch/core";
import type { Logger } from "pino";
import type { GithubIdentity } from "./github/credentials.ts";
import type { CertificateFiles } from "./routes/tls/certificate.ts";
import type { ConfigFile } from "./state/config-file.ts";

/** How GitHub is asked. */
export interface GithubOption {
  readonly identity: GithubIdentity;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
}

/** How webhooks are taken. */
export interface WebhookOption {
  /** 0: any free port. */
  readonly port: number;
  /** What GitHub signs them with. */
  readonly secret: string;
}

/** Everything that `startEngine` must be told. The command's flags and their defaults are the cli's. */
export interface EngineOptions {
  readonly config: Config;
  /** Where the config was read; absent: nobody is told when that changes. */
  readonly configFile?: ConfigFile;
  readonly version: string;
  /** Absolute path of the state folder. */
  readonly stateDir: string;
  /** Absolute path of the checkout that `perch.yaml` is in. */
  readonly checkout: string;
  /** Git remote by repository; every repository of the config needs one, unless GitHub is the source. */
  readonly remotes: ReadonlyMap<string, string>;
  /** GitHub's API as the source of pull requests; absent: the refs of the git remotes. */
  readonly github?: GithubOption;
  /** Where GitHub tells of events; absent: nowhere, and only polling finds changes. */
  readonly webhook?: WebhookOption;
  /** What stable runs: the default branch's remote head, or the checkout's own files. */
  readonly stable: "remote" | "checkout";
  /** Addresses of the edge and of the status API. */
  readonly hosts: readonly string[];
  /** 0: any free port. */
  readonly edgePort: number;
  /** 0: any free port. */
  readonly statusPort: number;
  /** TLS and HTTP/2 at the edge; absent: HTTP/1 without TLS. */
  readonly tls?: CertificateFiles;
  /** Port without TLS that only leads to the edge; absent: none. */
  readonly redirectPort?: number;
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-*` the edge believes; absent: none. */
  readonly trustedProxies?: readonly string[];
  /** What people reach the edge by, where a proxy is in front of it; absent: what leads to its listeners. */
  readonly publicUrl?: string;
  /** Names and IP addresses in `Host` that the status API answers to, beside localhost and the address that it listens on; absent: none. */
  readonly statusNames?: readonly string[];
  /** Milliseconds between two looks at a source. */
  readonly interval: number;
  /** Milliseconds that the traffic of a replaced or closed instance may take to end, and all traffic when the engine stops. */
  readonly drainTimeout: number;
  /** Ends the traffic at once when the engine stops; absent: it has its time. */
  readonly hurry?: AbortSignal;
  /** Milliseconds that a request for a canary that sleeps waits at most. */
  readonly wakeTimeout: number;
  /** Path that example requests ask for; only shown. */
  readonly tryPath: string;
  readonly logger: Logger;
  readonly env: NodeJS.ProcessEnv;
}
