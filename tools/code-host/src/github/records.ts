/** A comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly repo: string;
  readonly number: number;
  readonly author: string;
  readonly body: string;
}

/** A status of a deployment; the newest one counts. */
export interface DeploymentStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly creator: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface Deployment {
  readonly id: number;
  readonly repo: string;
  /** What it was created with, and the commit that it meant then. */
  readonly ref: string;
  readonly sha: string;
  readonly environment: string;
  readonly task: string;
  readonly description: string;
  readonly isTransient: boolean;
  readonly isProduction: boolean;
  readonly creator: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Newest first. */
  readonly statuses: readonly DeploymentStatus[];
}

/** A version of a container package: one manifest, with all tags that point at it. */
export interface PackageVersion {
  readonly id: number;
  /** `acme/shop/api`: owner, then the name, which may have slashes. */
  readonly image: string;
  readonly tags: readonly string[];
}

/** What the fake keeps beside pull requests, in memory, oldest first. */
export class Records {
  comments: readonly Comment[] = [];
  deployments: readonly Deployment[] = [];
  packages: readonly PackageVersion[] = [];
  #lastId = 0;

  /** Ids grow, as GitHub's do: the lower one is older. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** As if everything so far had happened that many milliseconds earlier. */
  age(milliseconds: number): void {
    this.deployments = this.deployments.map((one) => ({
      ...one,
      createdAt: one.createdAt - milliseconds,
      statuses: one.statuses.map((status) => ({ ...status, createdAt: status.createdAt - milliseconds })),
    }));
  }
}
