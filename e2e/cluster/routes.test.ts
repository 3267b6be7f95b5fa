import { startCluster } from "@perch/cluster";
import { runTable } from "../../conformance/src/index.ts";
import { buildTruthImage, RenderedRoutes } from "./support/truth/target.ts";

/** One image for all worlds. */
let image: Promise<void> | undefined;

runTable({
  name: "the rendered routes, on a cluster's Traefik",
  proxy: "traefik",
  open: async (world) => {
    const cluster = await startCluster();
    image ??= buildTruthImage(cluster);
    await image;
    return RenderedRoutes.open(cluster, world);
  },
});
