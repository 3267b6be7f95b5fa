import type { Config } from "../config/types.ts";
import { githubApiUrl } from "../github-api.ts";
import { imageTag } from "./tag.ts";

/**
 * The body of a `pull_request` webhook, as far as Argo CD's applicationset-controller reads it: it looks for generators of this
 * repository on this host, and makes them list again. Nothing that an author chose is in it.
 */
export function refreshEvent(
  { cluster }: Config,
  { repo, pr, head }: { readonly repo: string; readonly pr: number; readonly head: string },
): object {
  const [owner, name] = repo.split("/");
  return {
    action: "synchronize",
    number: pr,
    pull_request: { number: pr, state: "open", head: { sha: head } },
    repository: {
      name,
      full_name: repo,
      url: `${githubApiUrl(cluster.github)}/repos/${repo}`,
      html_url: `${cluster.github}/${repo}`,
      owner: { login: owner },
    },
  };
}

/** A pod, as far as it tells what it waits for. */
export interface WaitingPod {
  readonly name: string;
  readonly namespace: string;
  /** Init containers too: the others wait for them, without a reason of their own. */
  readonly containers: readonly {
    readonly image: string;
    /** Why it waits, as Kubernetes says it; undefined: it runs or has ended. */
    readonly waiting: string | undefined;
  }[];
}

const PULL_FAILED: ReadonlySet<string> = new Set(["ImagePullBackOff", "ErrImagePull"]);

/**
 * Pods that wait for an image which is there by now: the next attempt may be five minutes away, a new pod pulls at once. A pod
 * that waits for another tag waits for what will never come, and goes when the Deployment rolls.
 */
export function stuckPods(pods: readonly WaitingPod[], pr: number, head: string): WaitingPod[] {
  const tag = imageTag(pr, head);
  return pods.filter(({ containers }) =>
    containers.some(
      ({ image, waiting }) =>
        PULL_FAILED.has(waiting ?? "") && (image.endsWith(`:${tag}`) || image.includes(`:${tag}@`)),
    ),
  );
}
