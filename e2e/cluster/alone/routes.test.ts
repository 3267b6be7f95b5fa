import { runTable } from "../../../conformance/src/index.ts";
import { attachCluster } from "../support/cluster/index.ts";
import { buildTruthImage, RenderedRoutes } from "../support/truth/target.ts";

/** One image for all worlds. */
let image: Promise<void> | undefined;

runTable({
  name: "the rendered routes, on a cluster's Traefik",
  proxy: "traefik",
  open: async (world) => {
    const cluster = await attachCluster();
    image ??= buildTruthImage(cluster);
    await image;
    return RenderedRoutes.open(cluster, world);
  },
});
