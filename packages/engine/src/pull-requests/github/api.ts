import type { ApiUse } from "@perch/core";
import { RequestError } from "octokit";
import type { GithubAccess } from "../../github/access.ts";
import { githubFailure, lyingAnswer } from "./failure.ts";
import { startMeter } from "./meter.ts";

/** Reads a repository's part of GitHub's API. Each answer is asked for only once: later with its ETag, and 304 costs nothing. */
export interface Api {
  /**
   * One resource below `/repos/<owner>/<name>`.
   * @param what completes "GitHub did not say …".
   * @throws GithubFailure
   */
  get(path: string, what: string, accept?: string): Promise<unknown>;
  /** All items of a list, page by page. */
  list(path: string, what: string): Promise<unknown[]>;
  use(): ApiUse;
  /** Ends a look: answers that it did not ask for are forgotten. */
  lookEnded(): void;
}

export interface ApiOptions {
  readonly repo: string;
  readonly access: GithubAccess;
  /** The end of the engine. */
  readonly signal: () => AbortSignal;
}

interface Answer {
  readonly etag: string | undefined;
  readonly data: unknown;
  readonly hasNext: boolean;
}

const JSON_TYPE = "application/vnd.github+json";
/** A token is no longer good, or an App no longer installed. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 404]);
const PER_PAGE = 100;
/** A list that goes on for longer is a list that never ends. */
const PAGES = 100;

export function openApi({ repo, access, signal }: ApiOptions): Api {
  const meter = startMeter();
  let answers = new Map<string, Answer>();
  let asked = new Map<string, Answer>();

  async function ask(path: string, what: string, accept: string): Promise<Answer> {
    const known = answers.get(path);
    const headers = { accept, ...(known?.etag === undefined ? {} : { "if-none-match": known.etag }) };
    const answer = await send(path, headers).catch((error: unknown) => {
      if (known !== undefined && error instanceof RequestError && error.status === 304) return known;
      if (error instanceof RequestError && REFUSED.has(error.status)) access.forget(repo);
      throw githubFailure(repo, what, error);
    });
    asked.set(path, answer);
    return answer;
  }

  async function send(path: string, headers: Record<string, string>): Promise<Answer> {
    const { octokit } = await access.of(repo);
    try {
      const response = await octokit.request(`GET /repos/${repo}${path}`, {
        headers,
        request: { signal: signal() },
      });
      meter.count(false, response.headers);
      const { etag, link } = response.headers;
      return { etag, data: response.data, hasNext: /rel="next"/.test(link ?? "") };
    } catch (error) {
      const answered = error instanceof RequestError ? error.response : undefined;
      meter.count(answered?.status === 304, answered?.headers ?? {});
      throw error;
    }
  }

  return {
    get: async (path, what, accept = JSON_TYPE) => (await ask(path, what, accept)).data,
    list: async (path, what) => {
      const items: unknown[] = [];
      const separator = path.includes("?") ? "&" : "?";
      for (let page = 1; page <= PAGES; page += 1) {
        // By number, not by the link: it could lead, with the token, anywhere.
        const on = `${path}${separator}per_page=${PER_PAGE}&page=${page}`;
        const { data, hasNext } = await ask(on, what, JSON_TYPE);
        if (!Array.isArray(data)) throw lyingAnswer(repo, `${what} should be a list`);
        items.push(...data);
        // A full page that did not change may have got a next one: 304 says nothing of that.
        if (!hasNext && data.length < PER_PAGE) return items;
      }
      throw lyingAnswer(repo, `${what} has more than ${PAGES} pages`);
    },
    use: meter.use,
    lookEnded: () => {
      answers = asked;
      asked = new Map();
    },
  };
}
