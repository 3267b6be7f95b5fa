import type { VariantMeasurements } from "@perch/core";
import { Icon } from "../parts/icon.tsx";
import { outcomeWords, variantWord } from "../words.ts";

/** In the table: as icon and words; nothing for stable, which is what canaries are compared with. */
export function VerdictCell({ verdict }: Pick<VariantMeasurements, "verdict">) {
  if (verdict === undefined) return <td />;
  const { icon, word } = outcomeWords(verdict.outcome);
  return (
    <td>
      <span class={`state state-${icon}`}>
        <Icon name={icon} />
        {word}
      </span>
    </td>
  );
}

/** Why, for each canary that does not pass. */
export function VerdictReasons({ variants }: { variants: readonly VariantMeasurements[] }) {
  const reasons = variants.flatMap(({ pr, verdict }) => {
    if (verdict === undefined || verdict.outcome === "pass") return [];
    const said = verdict.findings.filter(({ outcome }) => outcome === verdict.outcome);
    return [...new Set(said.map(({ reason }) => reason))].map((reason) => `${variantWord(pr)}: ${reason}`);
  });
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}
