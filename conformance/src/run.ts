import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Case, Expectation } from "./case.ts";
import { TABLE } from "./table.ts";
import type { Observed, Target, TargetKind } from "./target.ts";
import type { World } from "./world.ts";

/** Registers a test for each case of the table; each world is opened once. */
export function runTable(kind: TargetKind): void {
  const worlds = new Map<World, Promise<Target>>();
  describe(`the routing truth table on ${kind.name}`, () => {
    before(async () => {
      const cases = Object.values(TABLE).flat();
      for (const { world } of cases) {
        if (!worlds.has(world)) worlds.set(world, kind.open(world));
      }
      await Promise.all(worlds.values());
    });
    after(() => closeAll(worlds));
    for (const [group, cases] of Object.entries(TABLE)) {
      describe(group, () => {
        for (const one of cases) registerCase(kind, one, worlds);
      });
    }
  });
}

function registerCase(kind: TargetKind, one: Case, worlds: ReadonlyMap<World, Promise<Target>>): void {
  const reason = kind.cannot?.(one);
  const options = reason === undefined ? {} : { skip: reason };
  it(`${one.title} (${one.world.name})`, options, async () => {
    const target = await worlds.get(one.world);
    assert.ok(target !== undefined);
    assert.deepEqual(await target.request(one.request), complete(expectationFor(kind, one)));
  });
}

async function closeAll(worlds: ReadonlyMap<World, Promise<Target>>): Promise<void> {
  const opened = await Promise.allSettled(worlds.values());
  await Promise.all(opened.flatMap((one) => (one.status === "fulfilled" ? [one.value.close()] : [])));
}

/** What to expect of a case there: its own claim, or how that proxy deviates. */
export function expectationFor({ proxy }: Pick<TargetKind, "proxy">, one: Case): Expectation {
  const deviation = proxy === undefined ? undefined : one.deviates?.[proxy];
  return deviation?.expect ?? one.expect;
}

function complete(expectation: Expectation): Observed {
  return { ...expectation, status: expectation.status ?? 200 };
}
