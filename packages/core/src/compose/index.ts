/** Containers on one machine, for people who prefer them to `perch up`; decided whole. */
export { type ComposeCanaries, composeProject } from "./project.ts";
export { COMPOSE_FILE, COMPOSE_FOLDER, renderCompose, traefikArguments } from "./render.ts";
export { type FileRoutes, fileRoutes } from "./routes.ts";
