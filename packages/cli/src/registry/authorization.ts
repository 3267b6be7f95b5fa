import type { Credentials } from "./credentials.ts";

/** What a registry wants to see before it answers: https://distribution.github.io/distribution/spec/auth/token/ */
export interface Challenge {
  readonly scheme: "basic" | "bearer";
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads `WWW-Authenticate`; undefined: nothing that is known. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const [, scheme, rest = ""] = /^\s*(basic|bearer)\b(.*)$/i.exec(header ?? "") ?? [];
  if (scheme === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = "", value = ""] of rest.matchAll(/([a-z]+)="([^"]*)"/gi))
    parameters.set(name.toLowerCase(), value);
  return { scheme: scheme.toLowerCase() === "basic" ? "basic" : "bearer", parameters };
}

/** The `Authorization` that answers a challenge; undefined: there is none to give. */
export async function authorize(
  challenge: Challenge,
  origin: string,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const basic = credentials === undefined ? undefined : basicOf(credentials);
  if (challenge.scheme === "basic") return basic;
  const realm = URL.parse(challenge.parameters.get("realm") ?? "");
  if (realm === null) return undefined;
  for (const name of ["service", "scope"]) {
    const value = challenge.parameters.get(name);
    if (value !== undefined) realm.searchParams.set(name, value);
  }
  // A password goes over nothing but TLS, or to the machine itself where the registry is there too.
  const isSafe = realm.protocol === "https:" || realm.origin === origin || isLoopback(origin, realm);
  const headers: Record<string, string> = basic === undefined || !isSafe ? {} : { authorization: basic };
  const response = await fetch(realm, { headers, redirect: "error", signal });
  if (!response.ok) return undefined;
  const { token, access_token: other } = (await response.json()) as {
    token?: unknown;
    access_token?: unknown;
  };
  const given = token ?? other;
  return typeof given === "string" ? `Bearer ${given}` : undefined;
}

function isLoopback(origin: string, realm: URL): boolean {
  return origin.startsWith("http://") && ["localhost", "127.0.0.1", "[::1]"].includes(realm.hostname);
}

function basicOf({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
