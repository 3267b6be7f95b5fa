import { access, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { writeImage } from "./archive.ts";

/** Name of the base image that services' Dockerfiles are given: `buildah bud --build-arg BASE=…`. */
export const BASE_IMAGE = "localhost/perch-base:bed";

/** Programs besides node that `RUN npm ci` in a Dockerfile needs. */
const PROGRAMS = ["/bin/sh", "/usr/bin/env"];

const NPM = "/usr/local/lib/node_modules/npm";

/** Certificates of authorities, where the build reaches a registry over TLS. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Writes a base image for services as a docker archive: this Node with its libraries, npm, a shell. Nothing is pulled.
 * `npm` is the folder of npm's package; by default the one of the npm on PATH.
 */
export async function writeBaseImage(archive: string, npm?: string): Promise<void> {
  const files = new Map<string, string>();
  for (const program of PROGRAMS) await addProgram(files, program, program);
  await addProgram(files, process.execPath, "/usr/local/bin/node");
  const npmFolder = npm ?? (await npmOnPath());
  files.set(NPM, npmFolder);
  files.set("/usr/local/bin/npm", join(import.meta.dirname, "npm.sh"));
  const texts = new Map([["/usr/local/etc/npmrc", await npmSettings()]]);
  if (await exists(CERTIFICATES)) files.set(CERTIFICATES, CERTIFICATES);
  await writeImage(archive, { reference: BASE_IMAGE, files, texts, entrypoint: [] });
}

/** npm in the image trusts whom this machine trusts, and fetches from where it fetches. Credentials stay here. */
async function npmSettings(): Promise<string> {
  // outside every project: npm refuses this inside a workspace
  const { stdout: registry } = await execa("npm", ["config", "get", "registry"], { cwd: "/" });
  const cafile = (await exists(CERTIFICATES)) ? [`cafile=${CERTIFICATES}`] : [];
  return [`registry=${registry.trim()}`, ...cafile, ""].join("\n");
}

/** Adds a program at `path`, and the libraries that it is linked with at the paths that its loader looks for. */
export async function addProgram(files: Map<string, string>, program: string, path: string): Promise<void> {
  files.set(path, await realpath(program));
  for (const library of await librariesOf(program)) files.set(library, await realpath(library));
}

/** Absolute paths in the output of ldd(1), the loader among them; none for a static program. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa("ldd", [program], { reject: false });
  return stdout.split("\n").flatMap((line) => /(?:=> |^\s*)(\/\S+)/.exec(line)?.[1] ?? []);
}

async function npmOnPath(): Promise<string> {
  const { stdout } = await execa("sh", ["-c", "command -v npm"]);
  return dirname(dirname(await realpath(stdout)));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
