import type { InstanceFailure, PerchErrorData } from "@perch/core";
import { faultWords, plainText } from "../words.ts";
import { Icon } from "./icon.tsx";
import { Scroll } from "./scroll.tsx";

type Shown = PerchErrorData & Partial<Pick<InstanceFailure, "logTail">>;

/** What failed, what to do, and the last lines of its log. */
export function Failure({ failure, where }: { failure: Shown; where?: string }) {
  const { message, hint, code, fault, logTail = [] } = failure;
  return (
    <div class="failure">
      <p class="failure-what">
        <Icon name="failed" />
        <span>
          {where === undefined ? "" : <strong>{where}: </strong>}
          {plainText(message)}
        </span>
      </p>
      <p>
        <strong>What to do: </strong>
        {plainText(hint)}
      </p>
      <p class="dim">
        {code} · {faultWords(fault)}
      </p>
      {logTail.length > 0 && (
        <details>
          <summary>Last lines of its log</summary>
          <Scroll label="Last lines of its log" class="log-tail">
            <pre>{logTail.map(plainText).join("\n")}</pre>
          </Scroll>
        </details>
      )}
    </div>
  );
}
