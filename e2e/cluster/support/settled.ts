import type { Target, World } from "../../../conformance/src/index.ts";

/** Whether each service and each canary of a world answers as it should: those that are ready by themselves, the others with 503. */
export async function isSettled(target: Pick<Target, "request">, world: World): Promise<boolean> {
  const own = world.services.map(({ name }) => ({ service: name, lines: [] as string[], first: name }));
  const canaries = world.canaries.map(({ service, pr, ready }) => {
    return { service, lines: [`${service}=${pr}`], first: ready ? `${service}@${pr}` : undefined };
  });
  const checks = [...own, ...canaries].map(async ({ service, lines, first }) => {
    const edge = world.services.find(({ name }) => name === service)?.edge;
    const request = edge === undefined ? { lines, apex: service } : { lines, path: edge };
    const seen = await target.request(request).catch(() => undefined);
    return first === undefined ? seen?.status === 503 : seen?.status === 200 && seen.hops[0] === first;
  });
  return (await Promise.all(checks)).every(Boolean);
}
