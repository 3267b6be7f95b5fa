/** In place of the Fastify plugin: one that does nothing. */
export async function canaryFastify(): Promise<void> {}
