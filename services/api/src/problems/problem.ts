import { STATUS_CODES } from "node:http";

/** Where in a request something is wrong, and what. */
export interface InvalidPart {
  readonly detail: string;
  /** JSON Pointer into the body, as a URI fragment, as in RFC 9457 section 3. */
  readonly pointer?: string;
  /** Name of a query or path parameter, or of a header. */
  readonly parameter?: string;
}

/** An error answer, RFC 9457. Its type is `about:blank`: the status says what kind it is, the detail what to do. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly InvalidPart[];
}

/** A request that ends with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  /** Whole seconds after which the same request may succeed, for `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, options: ErrorOptions & { readonly retryAfter?: number | undefined } = {}) {
    super(problem.detail, options);
    this.problem = problem;
    this.retryAfter = options.retryAfter;
  }
}

export function problem(status: number, detail: string, errors: readonly InvalidPart[] = []): Problem {
  const title = STATUS_CODES[status] ?? "Error";
  return { type: "about:blank", title, status, detail, ...(errors.length > 0 ? { errors } : {}) };
}
