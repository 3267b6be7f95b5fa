import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Where the built page is: in the published package, else in this repository. */
const FOLDERS = [
  join(import.meta.dirname, "..", "dashboard"),
  join(import.meta.dirname, "..", "..", "..", "..", "apps", "dashboard", "dist"),
];

/** Only the page's own files run, and only this API is asked; no other page may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Serves the built dashboard at `/`, or a page that says how to build it. */
export function serveDashboard(app: FastifyInstance, folders: readonly string[] = FOLDERS): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
  });
  app.get("/", async ({ headers }, reply) => {
    const page = (await readFrom(folders, "index.html")) ?? Buffer.from(NOT_BUILT);
    const etag = `"${createHash("sha256").update(page).digest("base64url").slice(0, 22)}"`;
    pageHeaders(reply).header("cache-control", "no-cache").header("etag", etag);
    if (headers["if-none-match"] === etag) return reply.code(304).send();
    return reply.type("text/html; charset=utf-8").send(page);
  });
  app.get<{ Params: { name: string } }>("/assets/:name", async ({ params: { name } }, reply) => {
    const type = TYPES[extname(name)];
    // One name without separators: nothing outside the folder can be asked for.
    const file =
      type !== undefined && /^[\w-]+(?:\.[\w-]+)+$/.test(name)
        ? await readFrom(folders, join("assets", name))
        : undefined;
    if (file === undefined) return reply.code(404).send({ code: "USAGE", message: "There is no such file." });
    // Its name holds a hash of its content.
    return pageHeaders(reply)
      .header("cache-control", "public, max-age=31536000, immutable")
      .type(type ?? "")
      .send(file);
  });
}

function pageHeaders(reply: FastifyReply): FastifyReply {
  return reply
    .header("content-security-policy", POLICY)
    .header("x-frame-options", "DENY")
    .header("referrer-policy", "no-referrer")
    .header("cross-origin-opener-policy", "same-origin")
    .header("cross-origin-resource-policy", "same-origin");
}

async function readFrom(folders: readonly string[], path: string): Promise<Buffer | undefined> {
  for (const folder of folders) {
    const file = await readFile(join(folder, path)).catch(() => undefined);
    if (file !== undefined) return file;
  }
  return undefined;
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>perch</title>
<h1>The dashboard is not built</h1>
<p>In the folder of perch's sources, run <code>npm run build --workspace apps/dashboard</code>, then reload this page.</p>
<p>What it would show is also at <a href="/api/status">/api/status</a>, and printed by <code>perch status</code>.</p>
</html>
`;
