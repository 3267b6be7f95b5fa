import { readFile, rename, writeFile } from "node:fs/promises";
import { remembered, startClock } from "./history.ts";
import { pullRequestEvent } from "./payloads.ts";
import { type Change, change, nextNumber, type PullRequest, type PullRequestKey } from "./pull-requests.ts";
import { type Delivery, deliver, type Hook } from "./webhooks.ts";

/** What a new pull request is made of; the rest has defaults. */
export interface NewPullRequest {
  /** `owner/name` */
  readonly repo: string;
  /** Full sha of the head commit. */
  readonly head: string;
  /** By default the next of the repository. */
  readonly number?: number;
  readonly title?: string;
  readonly branch?: string;
  readonly base?: string;
  readonly author?: string;
  readonly draft?: boolean;
  readonly labels?: readonly string[];
  /** `owner/name` that its branch is in, where that is another repository; null: that one is gone. */
  readonly fork?: string | null;
}

/** What happens beside the list when a head moves: the git server's `refs/pull/<number>/head` follows. */
export type HeadMoved = (pullRequest: PullRequest) => Promise<void>;

interface Saved {
  readonly pullRequests: readonly PullRequest[];
  readonly hooks: readonly Hook[];
}

/** Pull requests and webhooks, kept in a file so that a restart of the fake loses nothing. */
export class PullRequestStore {
  readonly deliveries: Delivery[] = [];
  readonly #file: string;
  readonly #headMoved: HeadMoved;
  #saved: Saved;
  readonly #now = startClock();
  #work: Promise<unknown> = Promise.resolve();

  private constructor(file: string, headMoved: HeadMoved, saved: Saved) {
    this.#file = file;
    this.#headMoved = headMoved;
    this.#saved = saved;
  }

  /** Opens the file, or starts empty where there is none. */
  static async open(file: string, headMoved: HeadMoved): Promise<PullRequestStore> {
    const text = await readFile(file, "utf8").catch(() => '{"pullRequests":[],"hooks":[]}');
    return new PullRequestStore(file, headMoved, JSON.parse(text) as Saved);
  }

  get pullRequests(): readonly PullRequest[] {
    return this.#saved.pullRequests;
  }

  /** Replaces all webhooks. */
  async setHooks(hooks: readonly Hook[]): Promise<void> {
    await this.#inTurn(() => this.#save({ ...this.#saved, hooks }));
  }

  /** Opens a pull request and sends `opened`. */
  async openPullRequest(wanted: NewPullRequest, origin: string): Promise<PullRequest> {
    return this.#inTurn(async () => {
      const number = wanted.number ?? nextNumber(this.pullRequests, wanted.repo);
      if (this.#find({ repo: wanted.repo, number }) !== undefined)
        throw new RangeError(`${wanted.repo} has a pull request ${number} already.`);
      const pullRequest = completed(wanted, number);
      await this.#happened(pullRequest, { action: "opened", pullRequest }, origin);
      return pullRequest;
    });
  }

  /** Changes a pull request and sends the webhook of that name; nothing is sent where nothing changes. */
  async change(key: PullRequestKey, what: Change, origin: string): Promise<PullRequest> {
    return this.#inTurn(async () => {
      const before = this.#find(key);
      if (before === undefined) throw new RangeError(`${key.repo} has no pull request ${key.number}.`);
      const after = change(before, what);
      if (after !== undefined) await this.#happened(after, what, origin);
      return after ?? before;
    });
  }

  /** Somebody pushes another branch of the repository that a pull request comes from. GitHub tells nobody. */
  async pushElsewhere(key: PullRequestKey): Promise<void> {
    await this.#inTurn(async () => {
      const before = this.#find(key);
      if (before === undefined) throw new RangeError(`${key.repo} has no pull request ${key.number}.`);
      const { pushedAt } = remembered(before, { action: "synchronize", head: before.head }, this.#now());
      await this.#replace({ ...before, ...(pushedAt === undefined ? {} : { pushedAt }) });
    });
  }

  async #replace(after: PullRequest): Promise<void> {
    const others = this.pullRequests.filter((one) => one.repo !== after.repo || one.number !== after.number);
    await this.#save({ ...this.#saved, pullRequests: [...others, after] });
  }

  async #happened(changed: PullRequest, what: Change, origin: string): Promise<void> {
    const after = remembered(changed, what, this.#now());
    if (what.action === "opened" || what.action === "synchronize") await this.#headMoved(after);
    await this.#replace(after);
    const payload = pullRequestEvent(after, what, origin);
    const hooks = this.#saved.hooks.filter((hook) => hook.repo === undefined || hook.repo === after.repo);
    const statuses = await Promise.all(hooks.map((hook) => deliver(hook, "pull_request", payload)));
    for (const [index, hook] of hooks.entries())
      this.deliveries.push({
        url: hook.url,
        event: "pull_request",
        action: what.action,
        repo: after.repo,
        number: after.number,
        status: statuses[index] ?? 0,
      });
  }

  #find(key: PullRequestKey): PullRequest | undefined {
    return this.pullRequests.find((one) => one.repo === key.repo && one.number === key.number);
  }

  async #save(saved: Saved): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify(saved));
    await rename(`${this.#file}.new`, this.#file);
    this.#saved = saved;
  }

  /** One change after the other: events leave in the order of the changes. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }
}

function completed(wanted: NewPullRequest, number: number): PullRequest {
  return {
    repo: wanted.repo,
    number,
    head: wanted.head,
    title: wanted.title ?? `Change ${number}`,
    branch: wanted.branch ?? `change-${number}`,
    base: wanted.base ?? "main",
    author: wanted.author ?? "author",
    draft: wanted.draft ?? false,
    labels: wanted.labels ?? [],
    state: "open",
    merged: false,
    ...(wanted.fork === undefined ? {} : { fork: wanted.fork }),
  };
}
