import { withStableTag } from "@perch/core";
import { confirm } from "../output/confirm.ts";
import type { OverlayFile } from "./overlay-file.ts";

/** How a change of stable's tag is made. */
export interface MoveFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: boolean;
}

/** Shows what would change, asks where somebody is there to answer, and changes it. */
export async function moveStable(
  service: string,
  overlay: OverlayFile,
  tag: string,
  { dryRun, yes, json }: MoveFlags,
): Promise<void> {
  const next = withStableTag(overlay.text, service, tag, overlay.path);
  const isSame = next === overlay.text || tag === overlay.tag;
  const show = (changed: boolean) => {
    const result = { service, path: overlay.path, from: overlay.tag, to: tag, changed };
    const line = isSame
      ? `${service} is at ${tag} already.`
      : `${overlay.path}: ${overlay.tag} → ${tag}${changed ? "" : " (not written)"}`;
    process.stdout.write(json === true ? `${JSON.stringify(result, undefined, 2)}\n` : `${line}\n`);
  };
  if (isSame || dryRun === true) {
    show(false);
    return;
  }
  if (yes !== true && !(await confirm(`${overlay.path}: ${overlay.tag} → ${tag}. Write it?`))) {
    show(false);
    return;
  }
  await overlay.write(next);
  show(true);
}
