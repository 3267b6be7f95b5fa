import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASE_IMAGE, buildah, buildImageInStorage, type Workshop } from "@perch/cluster";
import { podmanCompose } from "@perch/tools/podman-compose";
import { fromDebian, installDebian, onPath } from "../../../support/debian.ts";
import { defaultBase, pulledImages, writeDatabaseImage, writeTraefikImage } from "./images.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const SERVICES = ["api", "store"] as const;

/** docker-compose.yml of this checkout, up: its own images built from their Dockerfiles, the others assembled. */
export interface ComposeContainers {
  /** Runs a command where `localhost` is the machine of the containers. */
  run(command: readonly string[]): Promise<string>;
  /** `podman-compose …` with the checkout's file; what it prints. */
  compose(...args: string[]): Promise<string>;
  podman(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Programs; packages of what podman needs besides them. */
const PROGRAMS = ["podman", "catatonit"] as const;
const NETWORK_PACKAGES = ["netavark", "aardvark-dns"];

/** Why this machine cannot run containers; undefined where it can. Installs what is missing where that may be done. */
export async function whyNoContainers(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "containers need root on Linux here";
  try {
    for (const program of PROGRAMS) await fromDebian(program);
    for (const name of NETWORK_PACKAGES)
      if ((await onPath(`/usr/lib/podman/${name}`)) === undefined) await installDebian(name);
    await podmanCompose();
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n", 1)[0];
  }
}

export async function composeUp(): Promise<ComposeContainers> {
  const folder = await mkdtemp(join(tmpdir(), "perch-compose-"));
  const workshop = await buildAll();
  const sandbox = await openSandbox();
  try {
    const podman = await podmanIn(folder, workshop);
    await load(sandbox, podman, folder);
    const { path, env } = await podmanCompose();
    const compose = (outside: boolean, ...args: string[]) =>
      sandbox.run([path, "--podman-path", podman, ...args], { outside, cwd: ROOT, env });
    // Layers are those of the builds before; should one not be, its install needs the network.
    await compose(true, "--podman-build-args", "--isolation=chroot --network=host --pull=never", "build");
    await compose(false, "up", "--detach", "--no-build");
    return {
      run: (command) => sandbox.run(command),
      compose: (...args) => compose(false, ...args),
      podman: (...args) => sandbox.run([podman, ...args]),
      close: () => closeAll(sandbox, folder),
    };
  } catch (error) {
    await closeAll(sandbox, folder);
    throw error;
  }
}

async function closeAll(sandbox: Sandbox, folder: string): Promise<void> {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
}

/** The services' images, in a storage that keeps their layers; the base is there under the name that Dockerfiles have. */
async function buildAll(): Promise<Workshop> {
  const images = join(ROOT, ".cache", "images");
  let workshop: Workshop | undefined;
  for (const service of SERVICES) {
    const dockerfile = `services/${service}/Dockerfile`;
    const reference = `localhost/perch-${service}:compose`;
    workshop = await buildImageInStorage(images, { context: ROOT, dockerfile, reference });
    await buildah(workshop, ["tag", BASE_IMAGE, await defaultBase(service)]);
  }
  if (workshop === undefined) throw new Error("There is no service to build.");
  return workshop;
}

/** A podman with storage, networks and state in a folder, which reads images from a workshop too. Returns its path. */
async function podmanIn(folder: string, { storage }: Workshop): Promise<string> {
  await mkdir(join(folder, "networks"));
  const settings = join(folder, "containers.conf");
  await writeFile(settings, settingsIn(folder));
  const options = [
    ...["--root", join(folder, "storage"), "--runroot", join(folder, "run"), "--tmpdir", join(folder, "tmp")],
    ...["--storage-driver=overlay", `--storage-opt=overlay.imagestore=${storage}`],
  ];
  const path = join(folder, "podman");
  const lines = ["#!/bin/sh", `export CONTAINERS_CONF=${settings}`, `exec podman ${options.join(" ")} "$@"`];
  await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o755 });
  return path;
}

/** Limits that a process without CAP_SYS_RESOURCE may set; cgroups without systemd. */
function settingsIn(folder: string): string {
  return `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "${join(folder, "networks")}"
`;
}

async function load(sandbox: Sandbox, podman: string, folder: string): Promise<void> {
  const { edge, database } = await pulledImages();
  const archives = { edge: join(folder, "edge.tar"), database: join(folder, "database.tar") };
  await writeTraefikImage(archives.edge, edge);
  await writeDatabaseImage(archives.database, database);
  for (const archive of Object.values(archives)) {
    await sandbox.run([podman, "load", "--quiet", "--input", archive]);
    await rm(archive);
  }
}
