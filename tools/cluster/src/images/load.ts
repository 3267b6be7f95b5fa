import { createHash } from "node:crypto";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Layout, NodeLayout } from "../bed/layout.ts";
import { PAUSE_IMAGE } from "../bed/node-files.ts";
import type { Toolbox } from "../parts/index.ts";
import { VERSIONS } from "../parts/parts.ts";
import { writeImage } from "./archive.ts";

/** Puts a docker archive into every node; one that is there already, unchanged, is left. Pods use it with any pull policy but Always. */
export async function loadImage(layout: Layout, archive: string): Promise<void> {
  await Promise.all(layout.nodes.map((node) => loadInto(node, archive)));
}

/** Gives a loaded image a second name in every node. Both names start with a registry, such as `localhost/`. */
export async function tagImage(layout: Layout, from: string, to: string): Promise<void> {
  await Promise.all(layout.nodes.map((node) => ctr(node, "images", "tag", "--force", from, to)));
}

/** Makes the archives of the images that the bed itself runs; returns their paths. */
export async function ownImages(layout: Layout, toolbox: Toolbox): Promise<string[]> {
  const images = [
    { tool: "pause", reference: PAUSE_IMAGE },
    { tool: "coredns", reference: "perch.local/coredns:bed" },
    { tool: "metrics-server", reference: "perch.local/metrics-server:bed" },
    // under its real name: rendered manifests ask for it
    { tool: "traefik", reference: `traefik:v${VERSIONS.traefik.traefik}` },
  ];
  return Promise.all(
    images.map(async ({ tool, reference }) => {
      const archive = join(layout.images, `${tool}.tar`);
      const program = toolbox.tools.get(tool)?.path ?? tool;
      const files = new Map([[`/${tool}`, program]]);
      if (!(await exists(archive))) await writeImage(archive, { reference, files, entrypoint: [`/${tool}`] });
      return archive;
    }),
  );
}

async function loadInto(node: NodeLayout, archive: string): Promise<void> {
  const { size, mtimeMs } = await stat(archive);
  const mark = createHash("sha256").update(`${archive}\0${size}\0${mtimeMs}`).digest("hex").slice(0, 16);
  const marker = join(node.folder, "loaded", mark);
  if (await exists(marker)) return;
  await ctr(node, "images", "import", archive);
  await mkdir(join(node.folder, "loaded"), { recursive: true });
  await writeFile(marker, `${archive}\n`);
}

async function ctr(node: NodeLayout, ...args: string[]): Promise<void> {
  await execa("ctr", ["-a", node.containerdSocket, "-n", "k8s.io", ...args], { stdin: "ignore" });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
