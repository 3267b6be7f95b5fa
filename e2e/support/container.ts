import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { fromDebian } from "./debian.ts";
import type { BuiltImage } from "./image.ts";

/** An image that runs as the manifests let it: read-only root, no capability, no way to more rights. It has this machine's network. */
export interface Container {
  /** Port that the service logged. */
  readonly port: number;
  /** Milliseconds from the call of the runtime to the service's "listening". */
  readonly startTime: number;
  /** Runs JavaScript in it, as another process; what that prints. `user` is `uid:gid`, by default the image's own. */
  evaluate(code: string, user?: string): Promise<string>;
  /** SIGTERM, as a kubelet sends it; the exit code. */
  stop(): Promise<number | undefined>;
}

/** @param env in addition to the image's own */
export async function startContainer(
  image: BuiltImage,
  env: Readonly<Record<string, string>>,
): Promise<Container> {
  const runc = await fromDebian("runc");
  const folder = await mkdtemp(join(tmpdir(), "perch-container-"));
  const id = basename(folder);
  const control = ["--root", join(folder, "state")];
  await execa(runc, ["spec", "--bundle", folder]);
  await writeSpec(join(folder, "config.json"), image, env);
  const begin = performance.now();
  const running = execa(runc, [...control, "run", "--bundle", folder, id], {
    stdin: "ignore",
    buffer: false,
    reject: false,
    all: true,
  });
  const stop = async () => {
    running.kill("SIGTERM");
    const { exitCode } = await running;
    await execa(runc, [...control, "delete", "--force", id], { reject: false });
    await rm(folder, { recursive: true, force: true });
    return exitCode;
  };
  try {
    const port = await portIn(running.all);
    const startTime = performance.now() - begin;
    const evaluate = async (code: string, user = image.config.User) =>
      (await execa(runc, [...control, "exec", "--user", user, id, "node", "--eval", code])).stdout;
    return { port, startTime, evaluate, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Spec {
  readonly linux: { readonly namespaces: readonly { readonly type: string }[] };
}

/** Changes what `runc spec` wrote. https://github.com/opencontainers/runtime-spec/blob/main/config.md */
async function writeSpec(
  file: string,
  { root, config }: BuiltImage,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const spec = JSON.parse(await readFile(file, "utf8")) as Spec & { readonly process: object };
  const [uid, gid] = config.User.split(":").map(Number);
  const process = {
    ...spec.process,
    terminal: false,
    user: { uid, gid },
    args: config.Cmd,
    env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    cwd: config.WorkingDir,
    capabilities: {},
    noNewPrivileges: true,
  };
  const namespaces = spec.linux.namespaces.filter(({ type }) => type !== "network");
  const linux = { ...spec.linux, namespaces };
  await writeFile(file, JSON.stringify({ ...spec, process, root: { path: root, readonly: true }, linux }));
}

async function portIn(output: NodeJS.ReadableStream): Promise<number> {
  const printed: string[] = [];
  for await (const line of createInterface({ input: output })) {
    const [, port] = /"port":(\d+).*"msg":"listening"/.exec(line) ?? [];
    if (port !== undefined) {
      output.resume();
      return Number(port);
    }
    printed.push(line);
  }
  throw new Error(`The container ended:\n${printed.join("\n")}`);
}
