import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_FILE_LENGTH } from "../../src/config/document.ts";
import { LEAST, problemsOf, withService } from "./fixtures.ts";

function bomb(levels: number): string {
  const level = (i: number): string => `x${i}: &a${i} [${Array(10).fill(i === 0 ? "x" : `*a${i - 1}`)}]\n`;
  return Array.from({ length: levels }, (_, i) => level(i)).join("");
}

describe("the text of perch.yaml", () => {
  it("places a syntax error, and tells nothing else of a text whose meaning is open", () => {
    assert.deepEqual(problemsOf("edge: {\nproject: Shop\n"), [
      "2:1: invalid YAML: Flow map in block collection must be sufficiently indented and end with a }",
    ]);
  });

  it("names a tab as what is wrong with an indentation", () => {
    assert.deepEqual(problemsOf("edge:\n\thost: x\n").slice(0, 1), [
      "2:1: a tab as indentation; YAML indents with spaces",
    ]);
  });

  it("refuses a second document", () => {
    assert.deepEqual(problemsOf(`${LEAST}---\na: 1\n`), [
      '6:1: a second YAML document starts here; expected one; remove the "---"',
    ]);
  });

  it("tells a key given twice together with every other problem, and where the first one is", () => {
    assert.deepEqual(problemsOf(`${LEAST}project: other\nmesh: istio\n`), [
      "6:1 project: given twice; the first is on line 2",
      '7:7 mesh: expected linkerd or none; found "istio"',
    ]);
  });

  it("tells a service given twice, at its path", () => {
    assert.deepEqual(problemsOf(`${LEAST}  api: { repo: acme/shop, protocol: http }\n`), [
      "6:3 services.api: given twice; the first is on line 4",
    ]);
  });

  it("takes the value of an anchor for its aliases, and places a problem in it where it is written", () => {
    const text = withService(
      "repo: acme/shop",
      "protocol: http",
      "paths: &shared [a]",
      "grpcServices: *shared",
    );
    assert.deepEqual(problemsOf(text), [
      "8:5 services.api.grpcServices: only for protocol: grpc, and this service is http",
    ]);
    assert.deepEqual(problemsOf(`${LEAST}edge: { entryPoints: &x [a, "b c"], middlewares: *x }\n`), [
      '6:29 edge.entryPoints[1]: expected the name of a Traefik entry point; found "b c"',
      '6:29 edge.middlewares[1]: expected a Traefik middleware such as sso or apps/sso; found "b c"',
    ]);
  });

  it("refuses an alias without an anchor before it, and one inside its own anchor", () => {
    assert.deepEqual(problemsOf("edge: *nowhere\n"), [
      '1:7 edge: no anchor "nowhere" ends before this alias',
    ]);
    assert.deepEqual(problemsOf("edge: &a [1, *a]\n"), [
      '1:14 edge[1]: no anchor "a" ends before this alias',
    ]);
  });

  it("tells a key given twice where aliases leave open what the second one meant", () => {
    assert.deepEqual(problemsOf("edge: 1\nedge: &a [x]\nmesh: *a\n"), [
      "2:1 edge: given twice; the first is on line 1",
    ]);
  });

  it("refuses aliases that multiply", () => {
    assert.deepEqual(problemsOf(bomb(9)), ["1:1: more than 1000 repetitions by aliases"]);
  });

  it("refuses a file that is too large, without reading it", () => {
    assert.deepEqual(problemsOf(" ".repeat(MAX_FILE_LENGTH + 1)), [
      "1:1: 262145 characters; a configuration has at most 262144",
    ]);
  });

  it("refuses nesting that would exhaust the stack", () => {
    for (const nested of ["[".repeat(50_000), "- ".repeat(50_000), "{a: ".repeat(50_000)]) {
      const [problem, ...more] = problemsOf(nested);
      assert.match(problem ?? "", /^1:\d+: nested too deeply$/);
      assert.deepEqual(more, []);
    }
  });

  it("refuses tags, keys that are no text, and the key that JavaScript reserves", () => {
    assert.deepEqual(problemsOf("edge: !include other.yaml\n"), [
      "1:7: invalid YAML: Unresolved tag: !include",
    ]);
    assert.deepEqual(problemsOf("? [a]\n: b\n"), ["1:3: a key that is no plain text"]);
    assert.deepEqual(problemsOf(`${LEAST}__proto__: { mesh: linkerd }\n`), [
      "6:1 __proto__: not a possible key",
    ]);
  });

  it("says why a merge key does nothing", () => {
    assert.deepEqual(problemsOf(`${LEAST}<<: {}\n`), [
      '6:1 "<<": unknown key; YAML 1.2 has no merge keys; repeat the keys',
    ]);
  });

  it("counts lines alike with CRLF, and never shows text that could steer a terminal", () => {
    assert.deepEqual(problemsOf(`${LEAST}mesh: "\\e[2J\\x9b\\u202e"\n`.replaceAll("\n", "\r\n")), [
      '6:7 mesh: expected linkerd or none; found "\\u001b[2J\\u009b\\u202e"',
    ]);
  });
});
