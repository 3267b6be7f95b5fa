import type { StatusDocument, TryRequest } from "@perch/core";
import { explainInvalid, parseSelector } from "@perch/header";
import { useState } from "preact/hooks";
import { suggestions } from "../canaries.ts";

interface FormProps {
  readonly status: StatusDocument;
  readonly selector: string;
  readonly path: string;
  readonly busy: boolean;
  readonly onSend: (request: TryRequest) => void;
}

const METHODS: readonly TryRequest["method"][] = ["GET", "HEAD", "POST"];

/** What to send: validated while it is typed. */
export function TryForm(props: FormProps) {
  const [selector, setSelector] = useState(props.selector);
  const [path, setPath] = useState(props.path === "" ? props.status.edge.tryPath : props.path);
  const [method, setMethod] = useState<TryRequest["method"]>("GET");
  const [body, setBody] = useState("");
  const fault = faultOf(selector);
  const send = (chosen: string) => {
    if (faultOf(chosen) !== undefined) return;
    const withSelector = chosen === "" ? {} : { selector: chosen };
    props.onSend({ method, path, ...withSelector, ...(method === "POST" ? { body } : {}) });
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    send(selector);
  };
  const choose = (chosen: string) => {
    setSelector(chosen);
    send(chosen);
  };
  return (
    <form class="card try" onSubmit={onSubmit}>
      <div class="fields">
        <label>
          Method
          <select
            value={method}
            onChange={({ currentTarget }) => setMethod(currentTarget.value as TryRequest["method"])}
          >
            {METHODS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label class="wide">
          Path
          <input
            value={path}
            onInput={({ currentTarget }) => setPath(currentTarget.value)}
            pattern="/[!-~]*"
            required
            spellcheck={false}
          />
        </label>
        <SelectorField value={selector} fault={fault} onInput={setSelector} />
        <button type="submit" class="primary" disabled={fault !== undefined} aria-disabled={props.busy}>
          {props.busy ? "Sending…" : "Send"}
        </button>
      </div>
      {method === "POST" && (
        <label class="wide">
          Body (JSON)
          <textarea
            rows={4}
            value={body}
            onInput={({ currentTarget }) => setBody(currentTarget.value)}
            spellcheck={false}
          />
        </label>
      )}
      <Suggestions status={props.status} onChoose={choose} />
    </form>
  );
}

function faultOf(selector: string): string | undefined {
  const result = parseSelector(selector === "" ? [] : [selector]);
  return result.kind === "invalid" ? explainInvalid(result.reason) : undefined;
}

function SelectorField(props: {
  value: string;
  fault: string | undefined;
  onInput: (value: string) => void;
}) {
  const { value, fault, onInput } = props;
  return (
    <div class="wide">
      <label>
        X-Canary
        <input
          name="selector"
          value={value}
          placeholder="none: stable"
          onInput={({ currentTarget }) => onInput(currentTarget.value.trim())}
          aria-invalid={fault !== undefined}
          aria-describedby="selector-fault"
          spellcheck={false}
          autocomplete="off"
        />
      </label>
      <span id="selector-fault" class="fault" role="status">
        {fault}
      </span>
    </div>
  );
}

function Suggestions({ status, onChoose }: { status: StatusDocument; onChoose: (selector: string) => void }) {
  return (
    <fieldset class="chips">
      <legend>Or send one of these</legend>
      <button type="button" onClick={() => onChoose("")}>
        none <span class="dim">stable</span>
      </button>
      {suggestions(status).map(({ selector, what }) => (
        <button key={selector} type="button" onClick={() => onChoose(selector)}>
          <code>{selector}</code> <span class="dim">{what}</span>
        </button>
      ))}
    </fieldset>
  );
}
