import { join } from "node:path";
import { BASE_IMAGE, buildah, buildImageInStorage, type Workshop } from "@perch/cluster";
import { fromDebian } from "./debian.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Kept: what did not change is not built again. */
const FOLDER = join(ROOT, ".cache", "images");

/** An image of a service, unpacked. */
export interface BuiltImage {
  /** Folder of its root file system; nobody may write to it. */
  readonly root: string;
  readonly config: ImageConfig;
  /** Bytes of the layers that it adds to the base image. */
  readonly size: number;
  /** Takes the unpacked root away; the image stays. */
  close(): Promise<void>;
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Builds a service's image from its Dockerfile as a workflow does, on a base image made from this machine's Node. */
export async function buildService(
  service: string,
  labels: Readonly<Record<string, string>>,
): Promise<BuiltImage> {
  await fromDebian("buildah");
  const reference = `localhost/perch-${service}:test`;
  const dockerfile = `services/${service}/Dockerfile`;
  const workshop = await buildImageInStorage(FOLDER, { context: ROOT, dockerfile, reference, labels });
  const { config, layers } = await inspect(workshop, reference);
  const base = await inspect(workshop, BASE_IMAGE);
  const container = (await buildah(workshop, ["from", "--pull=never", reference])).trim();
  const root = (await buildah(workshop, ["mount", container])).trim();
  const size = sum(layers) - sum(base.layers);
  return { root, config, size, close: async () => void (await buildah(workshop, ["rm", container])) };
}

async function inspect(workshop: Workshop, image: string) {
  const { OCIv1, Manifest } = JSON.parse(await buildah(workshop, ["inspect", "--type=image", image])) as {
    OCIv1: { config: ImageConfig };
    Manifest: string;
  };
  const { layers } = JSON.parse(Manifest) as { layers: readonly { size: number }[] };
  return { config: OCIv1.config, layers };
}

function sum(layers: readonly { readonly size: number }[]): number {
  return layers.reduce((total, { size }) => total + size, 0);
}
