/** RFC 9457, as in the OpenAPI document. */
export const PROBLEM_SCHEMA = {
  $id: "Problem",
  type: "object",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What is wrong, and what to do." },
    errors: {
      type: "array",
      description: "Each part of the request that is not valid.",
      items: {
        type: "object",
        required: ["detail"],
        properties: {
          detail: { type: "string" },
          pointer: { type: "string", description: "JSON Pointer into the body, as a URI fragment." },
          parameter: { type: "string", description: "Query or path parameter, or header." },
        },
      },
    },
  },
} as const;

const DESCRIPTIONS = {
  400: "The request is not valid.",
  404: "There is no such item.",
  409: "The id is taken.",
  412: "The item has another version than If-Match says.",
  413: "The body is too large.",
  415: "The body is not application/json.",
  428: "If-Match is missing.",
  502: "The store failed.",
  503: "The store cannot be reached now; try again after Retry-After seconds.",
  504: "The store did not answer in time.",
} as const;

/** Responses of a route for these statuses, and for what may befall every call of the store. */
export function problemResponses(...statuses: (keyof typeof DESCRIPTIONS)[]): Record<number, object> {
  const all = [...statuses, 502, 503, 504] as const;
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: DESCRIPTIONS[status],
        content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
      },
    ]),
  );
}
