import type { RepositoryFile } from "./types.ts";

const READ =
  /(?:process\.env|import\.meta\.env|os\.environ|[gG]etenv|LookupEnv|env)[.[("'\s]{1,3}(?:get\(["'])?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_(ADDR|ADDRESS|TARGET|URL|HOST)\b/g;

/**
 * Variables by which code finds other services, where no file gives them: `process.env.STORE_ADDR` beside a service `store`. With the
 * value that a compose file would give them.
 */
export function addressesInCode(
  sources: readonly RepositoryFile[],
  names: Iterable<string>,
): Map<string, string> {
  const byStem = new Map([...names].map((name) => [name.toUpperCase().replace(/[^A-Z0-9]/g, "_"), name]));
  const found = new Map<string, string>();
  for (const { text } of sources) {
    for (const [, stem = "", kind = ""] of text.matchAll(READ)) {
      const name = byStem.get(stem);
      if (name !== undefined) found.set(`${stem}_${kind}`, addressAs(kind, name));
    }
  }
  return found;
}

function addressAs(kind: string, name: string): string {
  if (kind === "URL") return `http://${name}`;
  return kind === "HOST" ? name : `${name}:80`;
}

const FIXED_PORT =
  /\blisten\(\s*\d{2,5}\b|\bListenAndServe(?:TLS)?\(\s*"[\w.]*:\d{2,5}"|\bport\s*[=:]\s*\d{4,5}\b/;

/** Whether code listens on a port of its own, and nothing in it asks for another. */
export function hasFixedPort(sources: readonly RepositoryFile[]): boolean {
  return (
    sources.some(({ text }) => FIXED_PORT.test(text)) && !sources.some(({ text }) => /\bPORT\b/.test(text))
  );
}
