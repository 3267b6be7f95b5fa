import type { RouteTable, Status } from "@perch/core";
import type { FastifyInstance } from "fastify";
import { whyNotAllowed } from "./guard.ts";
import { MAX_BODY, readTryRequest } from "./read.ts";
import { sendToEdge } from "./send.ts";

interface TryView {
  status(): Status;
  table(): RouteTable;
}

/** Bytes of a question: a body of which JSON may escape every character, and the rest. */
const MAX_QUESTION = 6 * MAX_BODY + 16 * 1024;

/** `POST /api/try`: sends a request to the engine's own edge, nowhere else, and tells what came and who served it. */
export function serveTry(app: FastifyInstance, view: TryView, names: readonly string[]): void {
  app.post("/api/try", { bodyLimit: MAX_QUESTION, onRequest: guardFor(names) }, async ({ body }, reply) => {
    const what = readTryRequest(body, view.table().edgeHosts);
    const { edge } = view.status();
    const [address = ""] = edge.listening;
    try {
      return await sendToEdge({ address, secure: edge.secure }, what);
    } catch (error) {
      return reply.code(504).send({
        code: "NO_ANSWER",
        message: `The edge gave no whole answer: ${(error as Error).message}`,
        hint: "`perch status` shows whether the service is up, and `perch logs` what it says.",
      });
    }
  });
}

type Guard = NonNullable<Parameters<FastifyInstance["post"]>[1]["onRequest"]>;

function guardFor(names: readonly string[]): Guard {
  return async (request, reply) => {
    const message = whyNotAllowed(request, names);
    if (message === undefined) return;
    const hint = "Use the dashboard, or send the request to the edge yourself.";
    await reply.code(403).send({ code: "USAGE", message, hint });
  };
}
