import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { request } from "undici";
import { fromDebian } from "./debian.ts";

export const USER = "perch";
export const PASSWORD = "secret";
/** The password by bcrypt, at its cheapest. */
const HTPASSWD = `${USER}:$2a$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n`;
const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;

/** The registry of the distribution project, on this machine; it asks for a user and a password. */
export interface TestRegistry {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** Pushes an image of one small layer; the same content is the same image. Returns its digest. */
  push(path: string, tag: string, content: string): Promise<string>;
  /** Digest of a tag; undefined: there is none. */
  digest(path: string, tag: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function startRegistry(): Promise<TestRegistry> {
  const program = await fromDebian("docker-registry");
  const folder = await mkdtemp(join(tmpdir(), "perch-registry-"));
  await writeFile(join(folder, "htpasswd"), HTPASSWD);
  await writeFile(join(folder, "config.yml"), configIn(folder));
  const server = execa(program, ["serve", join(folder, "config.yml")], {
    buffer: false,
    reject: false,
    all: true,
  });
  const close = async () => {
    server.kill();
    await server;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const host = await addressIn(server.all);
    return {
      host,
      push: (path, tag, content) => push(`http://${host}/v2/${path}`, tag, content),
      digest: async (path, tag) => {
        const { statusCode, headers } = await send("HEAD", `http://${host}/v2/${path}/manifests/${tag}`);
        return statusCode === 200 ? String(headers["docker-content-digest"]) : undefined;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function configIn(folder: string): string {
  return JSON.stringify({
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    auth: { htpasswd: { realm: "test", path: join(folder, "htpasswd") } },
    http: { addr: "127.0.0.1:0" },
  });
}

async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  const printed: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (host !== undefined) {
      output.resume();
      return host;
    }
    printed.push(line);
  }
  throw new Error(`The registry ended:\n${printed.join("\n")}`);
}

async function push(repository: string, tag: string, content: string): Promise<string> {
  const layer = await upload(repository, Buffer.from(content));
  const config = await upload(repository, Buffer.from(JSON.stringify({ os: "linux", config: {} })));
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
  };
  const url = `${repository}/manifests/${tag}`;
  const { headers } = await send("PUT", url, 201, JSON.stringify(manifest), MANIFEST);
  return String(headers["docker-content-digest"]);
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

async function upload(repository: string, body: Buffer): Promise<{ digest: string; size: number }> {
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const { headers } = await send("POST", `${repository}/blobs/uploads/`, 202);
  const url = new URL(String(headers.location), repository);
  url.searchParams.set("digest", digest);
  await send("PUT", url.href, 201, body);
  return { digest, size: body.length };
}

async function send(
  method: "HEAD" | "POST" | "PUT",
  url: string,
  status?: number,
  body: Buffer | string | null = null,
  type = "application/octet-stream",
) {
  const headers = { authorization: AUTHORIZATION, accept: MANIFEST, "content-type": type };
  const response = await request(url, { method, headers, body });
  const text = await response.body.text();
  if (status !== undefined && response.statusCode !== status)
    throw new Error(`${method} ${url}: ${response.statusCode} ${text}`);
  return response;
}
