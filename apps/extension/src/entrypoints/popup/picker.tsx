import type { LiveCanary } from "../../canaries/canaries.ts";
import type { Options } from "../../options/options.ts";
import type { CanaryList } from "../../ui/use-canaries.ts";

interface PickerProps {
  readonly list: CanaryList;
  readonly options: Options;
  /** The selector in force. */
  readonly chosen: string;
  readonly onPick: (selector: string) => void;
}

/** Live canaries, and selectors that were sent before. */
export function Picker({ list, options: { statusUrl, recents }, chosen, onPick }: PickerProps) {
  const others = recents.filter((selector) => selector !== chosen);
  return (
    <>
      {list.kind === "loading" && <p class="dim">Asking for live canaries…</p>}
      {list.kind === "failed" && (
        <p class="warning" role="alert">
          The status API at {statusUrl} gave no list: {list.why}. Is the engine up, and is this host allowed
          in the options?
        </p>
      )}
      {list.kind === "there" && (
        <section aria-labelledby="canaries">
          <h2 id="canaries">Live canaries</h2>
          {list.canaries.length === 0 && <p class="dim">No pull request has a canary now.</p>}
          <ul class="canaries">
            {list.canaries.map((canary) => (
              <CanaryItem key={canary.selector} canary={canary} chosen={chosen} onPick={onPick} />
            ))}
          </ul>
        </section>
      )}
      {others.length > 0 && (
        <section aria-labelledby="recents">
          <h2 id="recents">Recent</h2>
          <ul class="recents">
            {others.map((selector) => (
              <li key={selector}>
                <button type="button" onClick={() => onPick(selector)}>
                  {selector}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface CanaryItemProps {
  readonly canary: LiveCanary;
  readonly chosen: string;
  readonly onPick: (selector: string) => void;
}

function CanaryItem({ canary, chosen, onPick }: CanaryItemProps) {
  const { selector, number, title, services } = canary;
  return (
    <li>
      <button type="button" aria-pressed={selector === chosen} onClick={() => onPick(selector)}>
        <strong>
          PR {number} {title}
        </strong>
        {services.map(({ service, state, revision }) => (
          <span key={service} class="dim">
            {service}: {state}, {revision}
          </span>
        ))}
      </button>
    </li>
  );
}
