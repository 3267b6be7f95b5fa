import { useEffect, useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { askFor, askForPage } from "../../browser/ask.ts";
import { isListed } from "../../options/in-force.ts";
import { type Options, readOrigin } from "../../options/options.ts";
import { accessOf } from "../../rules/access.ts";

interface AccessProps {
  readonly options: Options;
  readonly address?: string;
}

/** What is missing for requests of this page to carry the selector, and a button that asks for it. */
export function Access({ options, address }: AccessProps) {
  const origin = readOrigin(address);
  const isGranted = useGranted(options);
  if (options.targets.length === 0) {
    return (
      <p class="warning">
        No host is listed yet: nothing gets the selector. Add one under “Hosts and options”.
      </p>
    );
  }
  if (!isGranted) {
    return (
      <p class="warning">
        The browser does not let perch change requests to these hosts yet.{" "}
        <button type="button" onClick={() => void askFor(accessOf(options))}>
          Allow it
        </button>
      </p>
    );
  }
  if (origin === undefined || isListed(options, origin)) return null;
  return (
    <p class="dim">
      Calls that {origin} makes to listed hosts do not carry the selector yet.{" "}
      <button type="button" onClick={() => void askForPage(origin)}>
        Let this page’s calls carry it
      </button>
    </p>
  );
}

function useGranted(options: Options): boolean {
  const [isGranted, setGranted] = useState(true);
  const wanted = accessOf(options);
  useEffect(() => {
    const look = () => void browser.permissions.contains({ origins: wanted }).then(setGranted);
    look();
    browser.permissions.onAdded.addListener(look);
    return () => browser.permissions.onAdded.removeListener(look);
  }, [wanted.join(" ")]);
  return isGranted;
}
