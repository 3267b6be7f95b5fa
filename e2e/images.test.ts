import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { after, before, describe, it } from "node:test";
import { request } from "undici";
import { type Container, startContainer } from "./support/container.ts";
import { type BuiltImage, buildService } from "./support/image.ts";

const ROOT = join(import.meta.dirname, "..");
const MIB = 1024 * 1024;
const LABELS = {
  "org.opencontainers.image.source": "https://github.com/acme/shop",
  "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
};

/** What every call of DynamoDB is told: there is a table, and nothing in it. */
const ANSWER = JSON.stringify({ Table: { TableName: "items", TableStatus: "ACTIVE" }, Items: [], Count: 0 });

let images: Readonly<Record<"api" | "store", BuiltImage>>;
let running: Readonly<Record<"api" | "store", Container>>;
let database: Server;

before(async () => {
  images = { api: await build("api"), store: await build("store") };
  database = createServer((_, response) => {
    response.setHeader("content-type", "application/x-amz-json-1.0").end(ANSWER);
  });
  await once(database.listen(0, "127.0.0.1"), "listening");
  const store = await startContainer(images.store, {
    ...LOOPBACK,
    METRICS_PORT: "0",
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${portOf(database)}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  const api = await startContainer(images.api, { ...LOOPBACK, STORE_ADDR: `127.0.0.1:${store.port}` });
  running = { api, store };
});
after(async () => {
  for (const container of Object.values(running ?? {})) await container.stop();
  database?.close();
  for (const image of Object.values(images ?? {})) await image.close();
});

const LOOPBACK = { HOST: "127.0.0.1", PORT: "0" };
const SERVICES = ["api", "store"] as const;

function build(service: string): Promise<BuiltImage> {
  return buildService(service, { ...LABELS, "org.opencontainers.image.title": service });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

for (const service of SERVICES) {
  describe(`the image of ${service}`, () => {
    it("adds at most 250 MiB to its base", (t) => {
      const { size } = images[service];
      t.diagnostic(`${service}: ${(size / MIB).toFixed(1)} MiB over the base`);
      assert.ok(size > 0 && size <= 250 * MIB, `${size} bytes`);
    });

    it("says where it comes from", () => {
      const { Labels } = images[service].config;
      assert.partialDeepStrictEqual(Labels, { ...LABELS, "org.opencontainers.image.title": service });
    });

    it("has its production dependencies, its sources, and nothing else of the repository", async () => {
      const files = await filesOf(join(images[service].root, "app"));
      const own = files.filter((file) => !file.startsWith("node_modules/"));
      const other = service === "api" ? "store" : "api";
      assert.ok(own.includes(`services/${service}/src/main.ts`));
      assert.deepEqual(own.filter(isUnwanted), []);
      assert.deepEqual(
        own.filter((file) => file.startsWith(`services/${other}/`)),
        [],
      );
      const packages = new Set(
        files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
      );
      assert.deepEqual(
        (await developmentPackages()).filter((name) => packages.has(name)),
        [],
      );
    });

    it("has the code of a start compiled, and uses it", async () => {
      const env = '{ ...process.env, NODE_DEBUG_NATIVE: "COMPILE_CACHE" }';
      const args = '["/app/packages/header/src/index.ts"]';
      const said = await running[service].evaluate(
        `console.log(child_process.spawnSync(process.execPath, ${args}, { env: ${env} }).stderr.toString())`,
      );
      assert.match(said, /packages\/header\/src\/index\.ts.* was accepted/);
    });

    it("runs as nobody in particular, without a capability", async () => {
      const status = await running[service].evaluate(
        'process.stdout.write(fs.readFileSync("/proc/1/status", "utf8"))',
      );
      assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
      assert.match(status, /^CapEff:\s+0+$/m);
    });

    it("runs on a root that not even root can write to", async () => {
      const code = 'try { fs.writeFileSync("/app/new", "") } catch (error) { console.log(error.code) }';
      assert.equal(await running[service].evaluate(code, "0:0"), "EROFS");
    });

    it("starts", (t) => {
      const { startTime, port } = running[service];
      t.diagnostic(`${service}: listens ${startTime.toFixed(0)} ms after the runtime was called`);
      assert.ok(port > 0);
    });
  });
}

describe("images that run", () => {
  it("become ready: the api has reached the store, and the store its database", async () => {
    const url = `http://127.0.0.1:${running.api.port}/readyz`;
    let status = 0;
    // the store looks for its table after it listens
    while (status !== 200) {
      const { statusCode, body } = await request(url);
      status = statusCode;
      await body.dump();
    }
    assert.equal(status, 200);
  });

  it("end by themselves on SIGTERM", async () => {
    const { api, store } = running;
    assert.equal(await api.stop(), 0);
    assert.equal(await store.stop(), 0);
  });
});

describe("the workflows that build images", () => {
  for (const name of ["canary-image", "canary-fork", "promote"]) {
    it(`give every image the labels that are tested here: ${name}`, async () => {
      const text = await readFile(join(ROOT, ".github", "workflows", `${name}.yml`), "utf8");
      const labels = [...text.matchAll(/^ +(org\.opencontainers\.image\.\w+)=/gm)].map(([, label]) => label);
      assert.deepEqual(labels.sort(), [...Object.keys(LABELS), "org.opencontainers.image.title"].sort());
    });
  }
});

/** Tests, what git keeps, what holds secrets. */
function isUnwanted(file: string): boolean {
  return /(?:^|\/)(?:test|\.git|\.perch|\.npmrc|\.env[^/]*|[^/]*\.(?:test\.ts|pem|key))(?:\/|$)/.test(file);
}

async function filesOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Packages that the lock file has for development alone. */
async function developmentPackages(): Promise<string[]> {
  const text = await readFile(join(ROOT, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: true }> };
  return Object.entries(packages).flatMap(([path, { dev }]) => {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    return dev === true && name !== undefined ? [name] : [];
  });
}
