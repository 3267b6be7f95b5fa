import type { BuildRequest, GithubControl, Kubectl, Repositories } from "@perch/cluster";
import type { Reader } from "./reader.ts";

/** What the stories need of a cluster, whoever made it. */
export interface TestCluster extends Reader {
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Folder with kubectl; undefined: it is on PATH. */
  readonly tools: string | undefined;
  readonly kubectl: Kubectl;
  /** URL by which this machine reaches the edge's entry point for HTTP. */
  readonly edge: string;
  /** URLs by which pods and controllers reach what is outside. */
  readonly inside: { readonly github: string; readonly dynamodb: string };
  /** URL by which this machine reaches GitHub's API. */
  readonly githubApi: string;
  readonly github: GithubControl;
  readonly git: Repositories;
  /** Sends the code host's webhooks to Argo CD, and nowhere else. */
  connectWebhook(): Promise<void>;
  /** Builds a service's image from its Dockerfile, so that every node can run it. */
  buildImage(request: BuildRequest): Promise<void>;
  /** Gives an image a second name. */
  tagImage(from: string, to: string): Promise<void>;
  /** Gives git of Argo CD's repo server its configuration; undefined: whoever installed Argo CD has. */
  readonly setRepoServerGit: ((config: string) => Promise<void>) | undefined;
  /** Undefined where nobody may break the cluster. */
  readonly faults: Faults | undefined;
}

/** What only a cluster that belongs to the tests allows. */
export interface Faults {
  /** Ends one of Argo CD's controllers and starts it again. */
  restart(process: string): Promise<void>;
  /** Pulls the cable of the second node, or plugs it in again. */
  setConnected(node: "node2", connected: boolean): Promise<void>;
}
