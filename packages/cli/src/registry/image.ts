import { PerchError } from "@perch/core";

/** An image without its tag, as the registry knows it. */
export interface ImageName {
  /** `ghcr.io`, `localhost:5000` */
  readonly host: string;
  /** `acme/api` */
  readonly path: string;
}

/**
 * Reads `ghcr.io/acme/api`. A registry is always named: there is no default one.
 * @throws PerchError USAGE
 */
export function parseImageName(text: string): ImageName {
  const [, host, path] =
    /^([a-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)\/([a-z0-9][a-z0-9._/-]*)$/i.exec(text) ?? [];
  if (host === undefined || path === undefined) {
    throw new PerchError({
      code: "USAGE",
      message: `${JSON.stringify(text.slice(0, 200))} is no name of an image.`,
      hint: "It is registry and path, such as ghcr.io/acme/api: `registry:` in perch.yaml begins it.",
      fault: "user",
    });
  }
  return { host: host === "docker.io" ? "registry-1.docker.io" : host, path };
}

/** A registry on this machine has no certificate. */
export function originOf({ host }: ImageName): string {
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
  return `${isLocal ? "http" : "https"}://${host}`;
}
