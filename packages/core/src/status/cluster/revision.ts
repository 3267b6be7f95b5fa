/** What may be a tag of an image: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const TAG = /:([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})$/;

/** The revision that an image is of; empty: its name does not say it. */
export function imageRevision(image: string | undefined): string {
  const tag = TAG.exec(image?.split("@")[0] ?? "")?.[1] ?? "";
  return /^pr-[1-9][0-9]{0,9}-([0-9a-f]{12})$/.exec(tag)?.[1] ?? tag;
}
