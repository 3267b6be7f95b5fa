import type { Answer, Question } from "./answer.ts";
import { problem } from "./answer.ts";

/** Some of the next requests fail. */
export interface Fault {
  /** `POST`; absent: any. */
  readonly method?: string;
  /** A part of the path: `/comments`. */
  readonly path: string;
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly times: number;
  /** True: the request has its effect, and only the answer is lost. */
  readonly isAnswerLost?: boolean;
}

/** The faults that are still to happen. */
export class Faults {
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** The fault that hits this request, used up by one. */
  take({ method, target }: Question): Fault | undefined {
    const hit = this.#faults.find((one) => (one.method ?? method) === method && target.includes(one.path));
    if (hit === undefined) return undefined;
    const rest = hit.times > 1 ? [{ ...hit, times: hit.times - 1 }] : [];
    this.#faults = this.#faults.flatMap((one) => (one === hit ? rest : [one]));
    return hit;
  }
}

/** What the client gets of it. */
export function faultAnswer({ status, message, headers }: Fault): Answer {
  const answer = problem(status, message ?? "Server Error");
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
