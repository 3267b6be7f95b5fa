import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { discover, formatProblem, parseConfig, perchYaml, questionsOf } from "@perch/core";
import * as fc from "fast-check";
import { discovered } from "./support.ts";

/** Names that hurt: YAML's own signs, line ends, other scripts, what JavaScript and perch use themselves. */
const word = fc.oneof(
  fc.constantFrom(
    ...[
      "web",
      "store",
      "api",
      "Web App",
      "a: b",
      "- x",
      "{{ .Name }}",
      "&a",
      "*a",
      "!!str x",
      "#",
      "x\ny: z",
      "\u2028",
      "👩‍🚀",
    ],
    ...[
      "__proto__",
      "constructor",
      "toString",
      "..",
      "../..",
      "/etc",
      "yes",
      "null",
      "0o7",
      "1e3",
      "12:30",
      "~",
      "",
    ],
    ...[
      "x".repeat(300),
      "a-canary-pr-7",
      "-canary-pr-",
      "PORT",
      "HOST",
      "CANARY_PR",
      "@scope/name",
      "'",
      '"',
      "`",
      "\u0000",
      "\\",
      "C:\\x",
    ],
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/),
);
const variable = fc.oneof(
  word,
  fc.constantFrom("STORE_ADDR", "STORE_URL", "STORE_HOST", "STORE_PORT", "DB_PASSWORD", "LISTEN_ADDR"),
);
const value = fc.oneof(
  word,
  fc.constantFrom(
    "store:50051",
    "http://store:80/x",
    "store.apps.svc.cluster.local:1",
    "redis:6379",
    ":8080",
    "8080",
    "$X",
    "0.0.0.0:8080",
  ),
);
const env = fc.dictionary(variable, value, { maxKeys: 5 });

const packageJson = fc.record(
  {
    name: word,
    scripts: fc.dictionary(
      fc.constantFrom("start", "build", "prestart"),
      fc.oneof(word, fc.constant("node src/main.js")),
      { maxKeys: 3 },
    ),
    dependencies: fc.dictionary(
      fc.oneof(word, fc.constantFrom("@grpc/grpc-js", "@aws-sdk/client-dynamodb")),
      word,
      { maxKeys: 3 },
    ),
    workspaces: fc.oneof(word, fc.array(word)),
  },
  { requiredKeys: [] },
);
const compose = fc.record({
  services: fc.dictionary(
    word,
    fc.record(
      {
        build: fc.oneof(
          word,
          fc.constantFrom(".", "./web", "services/api"),
          fc.record({ context: word, dockerfile: word }, { requiredKeys: [] }),
        ),
        image: word,
        command: fc.oneof(word, fc.array(word), fc.constant("node main.js --port 8080")),
        ports: fc.array(fc.oneof(word, fc.constant("8080:8080"))),
        environment: fc.oneof(env, fc.array(word)),
        depends_on: fc.oneof(fc.array(word), fc.dictionary(word, word)),
      },
      { requiredKeys: [] },
    ),
    { maxKeys: 4 },
  ),
});
const deployment = fc
  .record({ name: word, image: word, path: word, env, port: fc.integer() })
  .map(({ name, image, path, env: variables, port }) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      template: {
        spec: {
          containers: [
            {
              image,
              ports: [{ containerPort: port, name: "grpc" }],
              readinessProbe: { httpGet: { path } },
              env: Object.entries(variables).map(([key, content]) => ({ name: key, value: content })),
            },
          ],
        },
      },
    },
  }));
const asText = (content: unknown) => JSON.stringify(content);
const folder = fc.oneof(
  fc.constantFrom("", "web/", "services/api/", "services/store/"),
  word.map((name) => `${name}/`),
);
const file = fc.oneof(
  fc
    .tuple(folder, packageJson)
    .map(([at, content]) => ({ path: `${at}package.json`, text: asText(content) })),
  fc.tuple(folder, compose).map(([at, content]) => ({ path: `${at}compose.yaml`, text: asText(content) })),
  fc.tuple(folder, deployment).map(([at, content]) => ({
    path: `${at}k8s.yaml`,
    text: `kind: x\n---\n${asText(content).replace("{", "{\n").replace('"kind"', '\n"kind"')}`,
  })),
  fc.tuple(folder, word).map(([at, name]) => ({
    path: `${at}x.proto`,
    text: `package ${name}.v1;\nservice ${name} {}\nservice Store {}`,
  })),
  fc.tuple(folder, word, word).map(([at, name, text]) => ({
    path: `${at}cmd/${name}/main.go`,
    text: `package main\nfunc main() {}\n${text}`,
  })),
  fc.tuple(folder, word).map(([at, name]) => ({
    path: `${at}go.mod`,
    text: `module ${name}\nrequire google.golang.org/grpc v1\n`,
  })),
  fc.tuple(folder, word, word).map(([at, name, one]) => ({
    path: `${at}pyproject.toml`,
    text: `[project]\nname = ${asText(name)}\ndependencies = [${asText(one)}, "fastapi"]\n`,
  })),
  fc.tuple(folder, word).map(([at, text]) => ({ path: `${at}main.py`, text: `app = FastAPI()\n${text}` })),
  fc.tuple(folder, word, word).map(([at, one, two]) => ({
    path: `${at}Dockerfile`,
    text: `FROM x\nEXPOSE 50051\nCMD ["node", ${asText(one)}]\nHEALTHCHECK CMD curl http://x/${two}`,
  })),
  fc
    .tuple(folder, fc.constantFrom("package-lock.json", "yarn.lock"), word)
    .map(([at, name, text]) => ({ path: `${at}${name}`, text })),
  fc.tuple(word, word).map(([path, text]) => ({ path, text })),
);

describe("perch.yaml of what was found", () => {
  it("parses and has no problems, whatever is found and whatever is answered", () => {
    let written = 0;
    fc.assert(
      fc.property(
        fc.array(file, { maxLength: 10 }),
        word,
        fc.option(word),
        fc.array(word),
        (files, folderName, origin, answers) => {
          let discovery = discover(files, { folderName, origin: origin ?? undefined });
          if (discovery.services.length === 0) return;
          written += 1;
          questionsOf(discovery).forEach((question, index) => {
            discovery = question.answer(discovery, answers[index] ?? question.otherwise) ?? discovery;
          });
          const text = perchYaml(discovery);
          const result = parseConfig(text);
          assert.ok(result.ok, result.ok ? "" : `${result.problems.map(formatProblem).join("\n")}\n${text}`);
          assert.deepEqual(
            [...result.config.services.keys()],
            discovery.services.map(({ name }) => name),
          );
        },
      ),
      { numRuns: 600 },
    );
    assert.ok(written > 200, `only ${written} had a service`);
  });

  it("is the same text for the same files in another order", () => {
    const files = {
      "web/package.json": { scripts: { start: "node a.js" } },
      "api/package.json": { scripts: { start: "node b.js" } },
    };
    const turned = Object.fromEntries(Object.entries(files).reverse());
    assert.equal(perchYaml(discovered(files)), perchYaml(discovered(turned)));
  });

  it("says of each key what it is for, and of each guess that it is one", () => {
    const text = perchYaml(
      discovered({ "web/package.json": { scripts: { start: "node main.js" } } }, "/srv/nothing"),
    );
    assert.match(text, /^ {2}# web\/package\.json: start script\n {2}web:$/m);
    assert.match(text, /start: node main\.js$/m);
    assert.match(text, /ready: \/ # check: a path that answers 2xx/);
    assert.match(text, /edge: \/ # path prefix/);
  });
});
