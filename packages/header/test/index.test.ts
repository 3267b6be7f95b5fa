import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ECHO_HEADER, explainInvalid, SELECTOR_HEADER, TRAIL_HEADER } from "@perch/header";

describe("the package", () => {
  it("works where there is nothing but ECMAScript, as in a browser's worker", async () => {
    const fixture = fileURLToPath(new URL("./fixtures/bare-context.ts", import.meta.url));
    const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, fixture]);
    assert.deepEqual(JSON.parse(stdout), {
      globals: [],
      answers: ["api=7,store=45", 7, explainInvalid("malformed"), `"api", "store";pr=7;n=2`, "RangeError"],
    });
  });

  it("names its headers in lower case, as HTTP/2 and gRPC need them", () => {
    assert.deepEqual(
      [SELECTOR_HEADER, ECHO_HEADER, TRAIL_HEADER],
      ["x-canary", "x-canary-echo", "x-canary-trail"],
    );
  });
});
