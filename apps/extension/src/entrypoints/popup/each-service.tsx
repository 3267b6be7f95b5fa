import { useState } from "preact/hooks";
import type { LiveCanary } from "../../canaries/canaries.ts";
import { type Choice, choicesOf, entriesOf, withEntry } from "../../list/entries.ts";

interface EachServiceProps {
  /** The selector as it is being typed. */
  readonly typed: string;
  readonly canaries: readonly LiveCanary[];
  readonly onInput: (typed: string) => void;
}

/** The list form without its grammar: a pull request for each service. It writes what could be typed. */
export function EachService({ typed, canaries, onInput }: EachServiceProps) {
  const entries = entriesOf(typed, canaries);
  const choices = choicesOf(canaries, entries);
  const [isOpen] = useState(typed.includes(","));
  return (
    <details class="each" open={isOpen}>
      <summary>A pull request for each service</summary>
      {[...choices].map(([service, prs]) => (
        <Row
          key={service}
          service={service}
          choices={prs}
          chosen={entries.get(service)}
          onChoose={(pr) => onInput(withEntry(entries, service, pr))}
        />
      ))}
      <Another onAdd={(service, pr) => onInput(withEntry(entries, service, pr))} />
    </details>
  );
}

interface RowProps {
  readonly service: string;
  readonly choices: readonly Choice[];
  readonly chosen: number | undefined;
  readonly onChoose: (pr: number | undefined) => void;
}

function Row({ service, choices, chosen, onChoose }: RowProps) {
  const id = `each-${service}`;
  return (
    <div class="row">
      <label for={id}>{service}</label>
      <select
        id={id}
        value={chosen ?? ""}
        onChange={({ currentTarget: { value } }) => onChoose(value === "" ? undefined : Number(value))}
      >
        <option value="">stable</option>
        {choices.map(({ pr, title }) => (
          <option key={pr} value={pr}>
            {title === undefined ? `PR ${pr} (not among the live ones)` : `PR ${pr} ${title}`}
          </option>
        ))}
      </select>
    </div>
  );
}

/** For a service that no status API names. */
function Another({ onAdd }: { readonly onAdd: (service: string, pr: number) => void }) {
  const [service, setService] = useState("");
  const [pr, setPr] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    onAdd(service.trim(), Number(pr));
    setService("");
    setPr("");
  };
  return (
    <form class="row" onSubmit={submit}>
      <input
        aria-label="Another service"
        placeholder="service"
        required
        value={service}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => setService(currentTarget.value)}
      />
      <input
        class="number"
        aria-label="Its pull request"
        placeholder="PR"
        inputMode="numeric"
        pattern="[1-9][0-9]{0,9}"
        required
        value={pr}
        autocomplete="off"
        onInput={({ currentTarget }) => setPr(currentTarget.value)}
      />
      <button type="submit">Add</button>
    </form>
  );
}
