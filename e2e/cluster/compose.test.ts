import { runTable } from "../../conformance/src/index.ts";
import { ComposeRoutes } from "./support/compose/target.ts";

// The real Traefik by itself: no cluster is started for this table.
runTable({
  name: "the routes of docker-compose.yml, on Traefik's file provider",
  proxy: "traefik",
  open: ComposeRoutes.open,
});
