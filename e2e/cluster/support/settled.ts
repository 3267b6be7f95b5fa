import type { Target, World } from "../../../conformance/src/index.ts";

/** Whether each service and each canary of a world answers as it should: those that are ready with 200, the others with 503. */
export async function isSettled(target: Pick<Target, "request">, world: World): Promise<boolean> {
  const own = world.services.map(({ name }) => ({ service: name, lines: [] as string[], status: 200 }));
  const canaries = world.canaries.map(({ service, pr, ready }) => ({
    service,
    lines: [`${service}=${pr}`],
    status: ready ? 200 : 503,
  }));
  const checks = [...own, ...canaries].map(async ({ service, lines, status }) => {
    const edge = world.services.find(({ name }) => name === service)?.edge;
    const request = edge === undefined ? { lines, apex: service } : { lines, path: edge };
    const seen = await target.request(request).catch(() => undefined);
    return seen?.status === status;
  });
  return (await Promise.all(checks)).every(Boolean);
}
