import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { Identity } from "@perch/context";

/** The head of the OpenAPI document; its paths come from the routes' own schemas. */
export function openApi(identity: Identity): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Shop items",
        description:
          "Send X-Canary to reach the canary of a pull request; X-Canary-Trail then says who served.",
        version: identity.revision ?? "0.0.0",
      },
      tags: [{ name: "items", description: "What the shop sells." }],
    },
    // Schemas keep their own names, instead of def-0, def-1 …
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `def-${index}`),
    },
  };
}
