import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GithubFailure } from "../../src/pull-requests/github/failure.ts";
import { startMeter } from "../../src/pull-requests/github/meter.ts";
import { noRateLimit, startPace } from "../../src/pull-requests/github/pace.ts";

const SECOND = 1_000;

/** Looks once a second for some time; the seconds in which a look was really made. */
async function looksOf(seconds: number, look: () => Promise<void>): Promise<number[]> {
  let now = 0;
  const pace = startPace(noRateLimit(), () => now);
  const made: number[] = [];
  for (; now < seconds * SECOND; now += SECOND) {
    const attempt = async () => {
      made.push(now / SECOND);
      await look();
    };
    await pace.run(attempt).catch(() => undefined);
  }
  return made;
}

describe("the pace of looks", () => {
  it("is the caller's while all is well", async () => {
    assert.deepEqual(await looksOf(4, async () => undefined), [0, 1, 2, 3]);
  });

  it("halves with each failure, down to one a minute", async () => {
    const made = await looksOf(300, () => Promise.reject(new Error("down")));
    assert.deepEqual(made, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it("is as slow as a rate limit asks for", async () => {
    const limit = () => Promise.reject(new GithubFailure("limit", "", undefined, 100 * SECOND));
    assert.deepEqual(await looksOf(250, limit), [0, 100, 200]);
  });

  it("of every repository of a credential is as slow as a rate limit of one of them asks for; other failures are its own", async () => {
    let now = 0;
    const shared = noRateLimit();
    const [limited, other] = [startPace(shared, () => now), startPace(shared, () => now)];
    const limit = new GithubFailure("limit", "", undefined, 100 * SECOND);
    await assert.rejects(
      limited.run(() => Promise.reject(limit)),
      limit,
    );
    let looks = 0;
    const look = async () => {
      looks += 1;
    };
    now = 99 * SECOND;
    await assert.rejects(other.run(look), limit);
    now = 100 * SECOND;
    await other.run(look);
    await assert.rejects(limited.run(() => Promise.reject(new Error("down"))));
    await other.run(look);
    assert.equal(looks, 2);
  });

  it("is the caller's again after one success", async () => {
    let failures = 3;
    const made = await looksOf(12, async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("down");
    });
    assert.deepEqual(made, [0, 1, 3, 7, 8, 9, 10, 11]);
  });
});

describe("the meter of requests", () => {
  it("counts those of the last hour, and what GitHub says is left", () => {
    let now = 0;
    const meter = startMeter(() => now);
    for (let minute = 0; minute < 90; minute += 1) {
      now = minute * 60 * SECOND;
      meter.count(minute % 2 === 0, {
        "x-ratelimit-remaining": `${5000 - minute}`,
        "x-ratelimit-limit": "5000",
      });
    }
    assert.deepEqual(meter.use(), { requests: 60, unmodified: 30, remaining: 4911, limit: 5000 });
    now += 2 * 3_600 * SECOND;
    assert.equal(meter.use().requests, 0);
  });

  it("keeps what was last said where an answer says nothing", () => {
    const meter = startMeter(() => 0);
    meter.count(false, { "x-ratelimit-remaining": 7, "x-ratelimit-limit": 60 });
    meter.count(false, {});
    meter.count(false, { "x-ratelimit-remaining": "-", "x-ratelimit-limit": "60" });
    assert.deepEqual(meter.use(), { requests: 3, unmodified: 0, remaining: 7, limit: 60 });
  });
});
