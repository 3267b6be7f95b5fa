import type { StatusDocument, TryAnswer, TryRequest } from "@perch/core";
import { useRef, useState } from "preact/hooks";
import { fetchJson, isOfEngine } from "../base.ts";
import { href } from "../route.ts";
import { Answer } from "./answer.tsx";
import { TryForm } from "./form.tsx";

interface Outcome {
  readonly asked: TryRequest;
  readonly answer?: TryAnswer;
  readonly error?: string;
}

/** Sends a request with any selector, and shows who served it. */
export function TryPage({
  status,
  selector,
  path,
}: {
  status: StatusDocument;
  selector: string;
  path: string;
}) {
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const newest = useRef(0);
  const send = async (asked: TryRequest) => {
    newest.current += 1;
    const mine = newest.current;
    setBusy(true);
    // The address says what was tried: it can be passed on.
    history.replaceState(null, "", href({ page: "try", selector: asked.selector ?? "", path: asked.path }));
    const result = await post(asked);
    if (mine !== newest.current) return;
    setOutcome({ asked, ...result });
    setBusy(false);
  };
  return (
    <>
      <h1>Try it</h1>
      <p class="lead">
        A request to the edge with a selector of your choice, sent by the engine, and who served it on its
        way.
      </p>
      <TryForm
        key={`${selector} ${path}`}
        status={status}
        selector={selector}
        path={path}
        busy={busy}
        onSend={send}
      />
      <div aria-live="polite" aria-busy={busy}>
        {outcome?.error !== undefined && <p class="notice">{outcome.error}</p>}
        {outcome?.answer !== undefined && <Answer asked={outcome.asked} answer={outcome.answer} />}
      </div>
    </>
  );
}

async function post(asked: TryRequest): Promise<Pick<Outcome, "answer" | "error">> {
  try {
    const headers = { "content-type": "application/json", "x-perch-request": "1" };
    return {
      answer: await fetchJson<TryAnswer>("/api/try", {
        method: "POST",
        headers,
        body: JSON.stringify(asked),
      }),
    };
  } catch (error) {
    return { error: isOfEngine() ? (error as Error).message : NOT_HERE };
  }
}

const NOT_HERE =
  "The engine sends requests only for the page that it serves itself, on its own machine. From here, use the curl lines on a canary’s page.";
