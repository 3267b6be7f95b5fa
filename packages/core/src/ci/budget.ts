import type { Config } from "../config/types.ts";
import { POLL_SECONDS } from "../manifests/index.ts";

/** What happens in an hour. */
export interface Traffic {
  /** Open pull requests of each repository. */
  readonly open: number;
  /** `pull_request` webhooks that reach Argo CD, of each repository. */
  readonly events: number;
  /** Pushes to pull requests, of each repository. */
  readonly pushes: number;
}

/** Requests of one kind, by one token. */
export interface BudgetLine {
  /** Whose limit they count against. */
  readonly token: string;
  readonly what: string;
  /** An hour. */
  readonly requests: number;
}

/** All requests of one token. */
export interface TokenBudget {
  readonly token: string;
  /** An hour. */
  readonly requests: number;
  /** An hour. */
  readonly limit: number;
  /** `near`: four fifths and more. */
  readonly level: "ok" | "near" | "over";
}

/** Pull requests that a listing has on a page. */
const PAGE = 100;
/** https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: of a workflow's own token, for each repository. */
const WORKFLOW_LIMIT = 1_000;
/**
 * Requests of the commands of one push: labels with their events, the comment written twice, and for each service two states of its
 * deployment. Counted on commands that run; answers that did not change count against no limit.
 */
const CALLS_PER_PUSH = 16;
const CALLS_PER_PUSH_AND_SERVICE = 10;
/** Requests of one notification about one canary: find the deployment, make it, give it a status. */
const CALLS_PER_NOTIFICATION = 3;

/**
 * GitHub API requests an hour. Argo CD lists a repository's open pull requests at every poll and at every webhook, one
 * page of a hundred a request, with one token for all; git itself does not count.
 * @param limit of Argo CD's token, an hour
 */
export function apiBudget(
  config: Config,
  traffic: Traffic,
  limit: number,
): { lines: BudgetLine[]; tokens: TokenBudget[] } {
  const repositories = [...Map.groupBy(config.services.values(), ({ repo }) => repo)];
  const pages = Math.max(1, Math.ceil(traffic.open / PAGE));
  const polls = Math.ceil(3_600 / POLL_SECONDS);
  const lines = repositories.flatMap(([repo, services]): BudgetLine[] => {
    const { pushes } = traffic;
    const ofRun = CALLS_PER_PUSH + CALLS_PER_PUSH_AND_SERVICE * services.length;
    return [
      { token: ARGO_CD, what: `${repo}: ${polls} polls, ${pages} page(s) each`, requests: polls * pages },
      { token: ARGO_CD, what: `${repo}: ${traffic.events} webhooks`, requests: traffic.events * pages },
      { token: `GITHUB_TOKEN of ${repo}`, what: `${pushes} pushes`, requests: pushes * ofRun },
      {
        token: NOTIFICATIONS,
        what: `${repo}: ${pushes} pushes`,
        requests: pushes * services.length * CALLS_PER_NOTIFICATION,
      },
    ];
  });
  const tokens = [...Map.groupBy(lines, ({ token }) => token)].map(([token, own]) => {
    const requests = own.reduce((sum, line) => sum + line.requests, 0);
    return tokenBudget(token, requests, token.startsWith("GITHUB_TOKEN") ? WORKFLOW_LIMIT : limit);
  });
  return { lines, tokens };
}

const ARGO_CD = "Argo CD";
const NOTIFICATIONS = "Argo CD Notifications";

function tokenBudget(token: string, requests: number, limit: number): TokenBudget {
  const level = requests > limit ? "over" : requests >= limit * 0.8 ? "near" : "ok";
  return { token, requests, limit, level };
}
