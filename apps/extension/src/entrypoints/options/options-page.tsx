import { askFor } from "../../browser/ask.ts";
import { saveOptions } from "../../browser/store.ts";
import { type Options, type Policy, readOrigin, readStatusUrl } from "../../options/options.ts";
import { parseTarget } from "../../options/target.ts";
import { accessOfPage, accessOfTarget } from "../../rules/access.ts";
import { HostList, type Read } from "./host-list.tsx";
import { Sharing } from "./sharing.tsx";
import { StatusField } from "./status-field.tsx";

interface OptionsPageProps {
  readonly options: Options;
  readonly policy: Policy;
}

/** Hosts, pages, status API; export and import. */
export function OptionsPage({ options, policy }: OptionsPageProps) {
  const { targets, pages, statusUrl } = options;
  // Asking has to come first: the browser takes it only as the direct answer to a click.
  const add = async (access: string[], change: Partial<Options>) => {
    const refusal = await askFor(access);
    if (refusal === undefined) await saveOptions({ ...options, ...change });
    return refusal;
  };
  return (
    <>
      <h1>perch: options</h1>
      <HostList
        title="Hosts that get X-Canary"
        hint="Exactly these, with their port; no subdomain, no other host that they redirect to."
        placeholder="api.dev.example.com or localhost:8080"
        items={targets}
        fixed={policy.targets}
        read={readTarget}
        onAdd={(target) => add(accessOfTarget(target), { targets: [...targets, target] })}
        onRemove={(target) => saveOptions({ ...options, targets: targets.filter((one) => one !== target) })}
      />
      <HostList
        title="Pages whose calls carry it"
        hint="Where a page on another host calls one of the hosts above, the browser asks for access to the page too."
        placeholder="https://shop.dev.example.com"
        items={pages}
        fixed={policy.pages}
        read={readPage}
        onAdd={(page) => add(accessOfPage(page), { pages: [...pages, page] })}
        onRemove={(page) => saveOptions({ ...options, pages: pages.filter((one) => one !== page) })}
      />
      <StatusField
        statusUrl={statusUrl}
        onSave={(url) =>
          url === "" ? add([], { statusUrl: "" }) : add(accessOfPage(url), { statusUrl: url })
        }
        read={(typed) => (typed === "" ? "" : readStatusUrl(typed))}
      />
      <Sharing options={options} />
    </>
  );
}

function readTarget(typed: string): Read {
  const parsed = parseTarget(typed);
  return parsed.ok ? { ok: true, value: parsed.target } : parsed;
}

function readPage(typed: string): Read {
  const value = readOrigin(typed.trim());
  return value === undefined
    ? { ok: false, why: "Write a page’s address with its scheme, like https://shop.dev.example.com." }
    : { ok: true, value };
}
