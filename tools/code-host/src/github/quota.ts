import type { Answer } from "./answer.ts";

const LIMIT = 5_000;
const HOUR = 3_600_000;

/** Counts what GitHub counts, and says so in each answer: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export class Quota {
  #used = 0;
  readonly #reset = Math.ceil((Date.now() + HOUR) / 1000);

  /** The answer with the headers of the limit; 304 costs nothing. */
  counted(answer: Answer): Answer {
    if (answer.status !== 304) this.#used += 1;
    const headers = {
      "x-ratelimit-limit": `${LIMIT}`,
      "x-ratelimit-remaining": `${LIMIT - this.#used}`,
      "x-ratelimit-reset": `${this.#reset}`,
    };
    // an answer of its own about the limit stands
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }
}
