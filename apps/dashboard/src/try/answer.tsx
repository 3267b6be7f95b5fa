import type { TryAnswer, TryRequest } from "@perch/core";
import { Icon } from "../parts/icon.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { prettyBody } from "./body.ts";
import { TrailPath } from "./trail.tsx";
import { verdict } from "./verdict.ts";

/** An answer beside the way that its request took. */
export function Answer({ asked, answer }: { asked: TryRequest; answer: TryAnswer }) {
  const { good, text } = verdict(answer, asked.selector ?? "");
  return (
    <section class="card answer" aria-labelledby="answer">
      <h2 id="answer">
        {answer.status} <span class="dim">after {answer.milliseconds} ms</span>
      </h2>
      <p class={`verdict ${good ? "state-ready" : "state-failed"}`}>
        <Icon name={good ? "ready" : "warning"} />
        {text}
      </p>
      {answer.trail !== undefined && <TrailPath trail={answer.trail} />}
      <Body answer={answer} />
      <details>
        <summary>
          Headers <span class="dim">({answer.headers.length})</span>
        </summary>
        <dl class="headers">
          {answer.headers.map(([name, value], index) => (
            <div key={index}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function Body({ answer: { body, cut } }: { answer: TryAnswer }) {
  if (body === "") return <p class="dim">Without a body.</p>;
  return (
    <>
      <Scroll label="Body of the answer" class="body">
        <pre>{prettyBody(body)}</pre>
      </Scroll>
      {cut && <p class="dim">The rest of the body is left out.</p>}
    </>
  );
}
