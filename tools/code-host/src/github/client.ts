import { CONTROL } from "./control.ts";
import type { Fault } from "./faults.ts";
import type { Outage } from "./outage.ts";
import type { Permission } from "./people.ts";
import type { Change, PullRequest } from "./pull-requests.ts";
import type { Comment, Deployment, PackageVersion } from "./records.ts";
import type { Seen } from "./server.ts";
import type { NewPullRequest } from "./store.ts";
import type { Delivery, Hook } from "./webhooks.ts";

/** Steers the bed's GitHub. Each call returns when the change is made and its webhooks are answered. */
export interface GithubControl {
  /** Opens a pull request on a head that was pushed before; `refs/pull/<number>/head` is made. */
  openPullRequest(wanted: NewPullRequest): Promise<PullRequest>;
  /** @param by who does it; absent: `maintainer`. */
  label(repo: string, number: number, label: string, by?: string): Promise<PullRequest>;
  unlabel(repo: string, number: number, label: string): Promise<PullRequest>;
  /** Moves the head of a pull request, forward or to an earlier commit. */
  push(repo: string, number: number, head: string): Promise<PullRequest>;
  close(repo: string, number: number, options?: { readonly merged?: boolean }): Promise<PullRequest>;
  reopen(repo: string, number: number): Promise<PullRequest>;
  draft(repo: string, number: number, isDraft: boolean): Promise<PullRequest>;
  /** Pushes another branch of the fork that a pull request comes from. */
  pushElsewhere(repo: string, number: number): Promise<void>;
  /** Says what somebody may do; who was never named may read. */
  permission(repo: string, login: string, permission: Permission): Promise<void>;
  /** Installs the App: the installation's number by repository; it is nowhere else. */
  installations(byRepo: Readonly<Record<string, number>>): Promise<void>;
  list(): Promise<readonly PullRequest[]>;
  /** Replaces all webhooks. None: only polling finds changes. */
  setHooks(hooks: readonly Hook[]): Promise<void>;
  /** Every attempt to deliver a webhook since the start. */
  deliveries(): Promise<readonly Delivery[]>;
  /** The last 10,000 requests that the API got. */
  requests(): Promise<readonly Seen[]>;
  /** Breaks the API until it is called with undefined. */
  outage(outage: Outage | undefined): Promise<void>;
  /** Makes some of the next requests fail. */
  fault(fault: Fault): Promise<void>;
  /** Pushes a container image; its manifest is a version of the package of that name, `<owner>/<name>`. */
  pushPackage(image: string, tags: readonly string[]): Promise<void>;
  /** Every version of every package, oldest first. */
  packages(): Promise<readonly PackageVersion[]>;
  /** As if everything so far had happened that many milliseconds earlier. */
  age(milliseconds: number): Promise<void>;
  /** Every comment and every deployment, oldest first. */
  records(): Promise<{ readonly comments: readonly Comment[]; readonly deployments: readonly Deployment[] }>;
}

/** A handle on a running fake; `url` is the root of its API. Calls throw an Error with the fake's reason. */
export function githubControl(url: string): GithubControl {
  const call = async <T>(operation: string, input?: unknown): Promise<T> => {
    const response = await fetch(`${url}${CONTROL}${operation}`, {
      method: "POST",
      body: JSON.stringify(input ?? null),
    });
    const body = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new Error(`The fake GitHub refused ${operation}: ${body.message}`);
    return body;
  };
  const change = (repo: string, number: number, what: Change) =>
    call<PullRequest>("change", { key: { repo, number }, what });
  return {
    openPullRequest: (wanted) => call("open", wanted),
    label: (repo, number, label, by) =>
      change(repo, number, { action: "labeled", label, ...(by === undefined ? {} : { by }) }),
    unlabel: (repo, number, label) => change(repo, number, { action: "unlabeled", label }),
    push: (repo, number, head) => change(repo, number, { action: "synchronize", head }),
    close: (repo, number, options) =>
      change(repo, number, { action: "closed", merged: options?.merged ?? false }),
    reopen: (repo, number) => change(repo, number, { action: "reopened" }),
    draft: (repo, number, isDraft) =>
      change(repo, number, { action: isDraft ? "converted_to_draft" : "ready_for_review" }),
    pushElsewhere: (repo, number) => call("pushElsewhere", { repo, number }),
    permission: (repo, login, permission) => call("permission", { repo, login, permission }),
    installations: (byRepo) => call("installations", byRepo),
    list: () => call("list"),
    setHooks: (hooks) => call("hooks", hooks),
    deliveries: () => call("deliveries"),
    requests: () => call("requests"),
    outage: (outage) => call("outage", outage),
    fault: (fault) => call("fault", fault),
    pushPackage: (image, tags) => call("pushPackage", { image, tags }),
    packages: () => call("packages"),
    age: (milliseconds) => call("age", milliseconds),
    records: () => call("records"),
  };
}
