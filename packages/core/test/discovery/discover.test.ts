import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { discovered, serviceNamed } from "./support.ts";

const START = { scripts: { start: "node main.js" } };

describe("services of npm, pnpm and yarn", () => {
  it("are packages with a start script, not libraries and not the root of a workspace", () => {
    const { services } = discovered({
      "package.json": { name: "root", workspaces: ["*"], ...START },
      "lib/package.json": { name: "@acme/lib" },
      "web/package.json": { name: "@acme/web", ...START },
    });
    assert.deepEqual(
      services.map(({ name, path }) => [name, path]),
      [["web", "web"]],
    );
  });

  for (const [lock, text, command] of [
    ["package-lock.json", "{}", "npm ci"],
    ["pnpm-lock.yaml", "", "pnpm install --frozen-lockfile"],
    ["yarn.lock", "# yarn lockfile v1\n", "yarn install --frozen-lockfile"],
    ["yarn.lock", "__metadata:\n", "yarn install --immutable"],
  ] as const) {
    it(`with ${lock} ${text.trim()} are installed by ${command}`, () => {
      const found = discovered({ [lock]: text, "web/package.json": { ...START, dependencies: { a: "1" } } });
      assert.deepEqual(serviceNamed(found, "web").install, command);
      assert.deepEqual(serviceNamed(found, "web").paths, ["web", lock]);
    });
  }

  for (const [settings, lock, start] of [
    ["", "__metadata:\n", "yarn node main.js"],
    ["nodeLinker: pnp\n", "__metadata:\n", "yarn node main.js"],
    ["enableScripts: false\nnodeLinker: node-modules\n", "__metadata:\n", "node main.js"],
    ["", "# yarn lockfile v1\n", "node main.js"],
  ] as const) {
    it(`of Yarn, ${JSON.stringify(settings + lock)}, are started by ${start}`, () => {
      const files = { ".yarnrc.yml": settings, "yarn.lock": lock };
      const found = discovered({ ...files, "web/package.json": { ...START, dependencies: { a: "1" } } });
      assert.equal(serviceNamed(found, "web").start, start);
      const alone = discovered({ ...files, "web/package.json": START });
      assert.equal(serviceNamed(alone, "web").start, "node main.js");
    });
  }

  it("are told of where they have only a dev script", () => {
    const { services, notes } = discovered({
      "api/package.json": START,
      "web/package.json": { name: "web", scripts: { dev: "vite" } },
    });
    assert.deepEqual(
      services.map(({ name }) => name),
      ["api"],
    );
    assert.match(notes.join(), /^web\/package.json, dev script: no start script/);
  });

  it("listen where perch says, by their arguments; where their code has a port of its own, that is told", () => {
    const found = discovered({
      "a/package.json": { scripts: { start: "node main.js --port 3000" } },
      "b/package.json": START,
      "b/main.js": "server.listen(3000)",
      "c/package.json": START,
      "c/main.js": "server.listen(process.env.PORT ?? 3000)",
    });
    assert.equal(serviceNamed(found, "a").start, "node main.js --port $PORT");
    assert.match(serviceNamed(found, "b").doubts.join(), /PORT/);
    assert.deepEqual(serviceNamed(found, "c").doubts, []);
  });

  it("need no install without dependencies", () => {
    const found = discovered({ "package-lock.json": "{}", "web/package.json": START });
    assert.equal(serviceNamed(found, "web").install, undefined);
  });

  it("are changed by what changes the packages that they are built from", () => {
    const found = discovered({
      "web/package.json": { ...START, dependencies: { "@acme/a": "1" } },
      "a/package.json": { name: "@acme/a", dependencies: { "@acme/b": "1" } },
      "b/package.json": { name: "@acme/b" },
      "c/package.json": { name: "@acme/c" },
    });
    assert.deepEqual(serviceNamed(found, "web").paths, ["web", "a", "b"]);
  });
});

describe("services of Go", () => {
  it("are the main packages of a module, each built and started by itself", () => {
    const found = discovered({
      "go.mod": "module github.com/acme/shop\n",
      "cmd/api/main.go": "package main\nfunc main() {}\n",
      "cmd/store/main.go": "package main\nfunc main() {\n  storev1.RegisterStoreServiceServer(s, x)\n}\n",
      "api/store/v1/store.proto": "package store.v1;\nservice StoreService {}",
      "internal/x.go": "package x\n",
    });
    const store = serviceNamed(found, "store");
    assert.deepEqual(
      [store.protocol, store.grpcServices, store.build, store.start],
      [
        "grpc",
        ["store.v1.StoreService"],
        "go build -o .perch-build/store ./cmd/store",
        "./.perch-build/store",
      ],
    );
    assert.equal(serviceNamed(found, "api").protocol, "http");
  });
});

describe("programs of Go that serve nothing", () => {
  it("are left out beside one that does, with a note", () => {
    const { services, notes } = discovered({
      "go.mod": "module github.com/acme/shop\n",
      "cmd/api/main.go": "package main\nfunc main() { http.ListenAndServe(addr, nil) }\n",
      "cmd/migrate/main.go": "package main\nfunc main() {}\n",
    });
    assert.deepEqual(
      services.map(({ name }) => name),
      ["api"],
    );
    assert.match(notes.join(), /^cmd\/migrate\/main\.go.*nothing in it listens$/);
  });
});

describe("services of Python", () => {
  it("are started by their framework's own server, on the host and port that they are given", () => {
    const found = discovered({
      "api/pyproject.toml": '[project]\nname = "orders"\ndependencies = ["fastapi[standard]>=0.110"]\n',
      "api/main.py": 'app = FastAPI(title="x")\n',
      "site/requirements.txt": "flask==3\n",
      "site/app.py": "site = Flask(__name__)\n",
      "shop/requirements.txt": "django\n",
      "shop/manage.py": "",
    });
    const starts = ["api", "site", "shop"].map((name) => serviceNamed(found, name).start);
    assert.deepEqual(starts, [
      ".venv/bin/python -m uvicorn main:app --host $HOST --port $PORT",
      ".venv/bin/python -m flask --app app:site run --host $HOST --port $PORT",
      ".venv/bin/python manage.py runserver --noreload $HOST:$PORT",
    ]);
    assert.match(serviceNamed(found, "site").install ?? "", /pip install --quiet -r requirements\.txt$/);
  });

  it("are scripts alone too, when they say that they serve", () => {
    const found = discovered({
      "catalog/main.py":
        "from http.server import ThreadingHTTPServer\nThreadingHTTPServer(address, Handler).serve_forever()\n",
      "stock/server.py": "from http.server import HTTPServer\nHTTPServer(address, Handler).serve_forever()\n",
      "tools/main.py": "print('done')\n",
    });
    assert.deepEqual(
      found.services.map(({ name, start }) => `${name}: ${start}`),
      ["catalog: python3 main.py", "stock: python3 server.py"],
    );
  });

  it("beside an npm lock file install in their build, since installs are npm's there", () => {
    const found = discovered({
      "package-lock.json": "{}",
      "api/requirements.txt": "flask\n",
      "api/app.py": "app = Flask(__name__)\n",
    });
    const { install, build } = serviceNamed(found, "api");
    assert.deepEqual([install, build?.includes("pip install")], [undefined, true]);
  });
});

describe("services of images", () => {
  it("are started by the image's command, listening where perch says", () => {
    const found = discovered({
      "web/Dockerfile": `FROM node AS build
CMD ["npm", "test"]
FROM node
EXPOSE 8000/tcp
HEALTHCHECK CMD curl -f http://localhost:8000/up
CMD ["gunicorn", "app:app", \\
  "--bind", "0.0.0.0:8000"]
`,
    });
    const web = serviceNamed(found, "web");
    assert.deepEqual([web.start, web.ready], ["gunicorn app:app --bind $HOST:$PORT", "/up"]);
  });

  it("that only the image can start are left out, with a note", () => {
    const { services, notes } = discovered({ "web/Dockerfile": 'FROM scratch\nENTRYPOINT ["/web"]\n' });
    assert.deepEqual(services, []);
    assert.match(notes[0] ?? "", /^web\/Dockerfile.*without a container/);
  });
});

describe("services of a compose file", () => {
  it("call each other by the variables that point at them, whatever form the address has", () => {
    const found = discovered({
      "compose.yaml": `services:
  web:
    build: web
    environment:
      A_ADDR: a:50051
      B_URL: http://b:8000/v1
      C_HOST: c
      C_PORT: 6000
      MODE: a
      DB_URL: postgres://db/x
      OTHER: \${FROM_OUTSIDE}
  a: { build: a }
  b: { build: b }
  c: { build: c }
  db: { image: "postgres:18" }
`,
      ...Object.fromEntries(["web", "a", "b", "c"].map((name) => [`${name}/package.json`, START])),
    });
    const web = serviceNamed(found, "web");
    assert.deepEqual(Object.fromEntries(web.calls), { A_ADDR: "a", B_ADDR: "b", C_ADDR: "c" });
    assert.equal(
      web.start,
      `export B_URL="http://$B_ADDR/v1" && export C_HOST="\${C_ADDR%:*}" && export C_PORT="\${C_ADDR##*:}" && node main.js`,
    );
    assert.deepEqual(Object.fromEntries(web.env), { MODE: "a" });
    assert.deepEqual(
      web.doubts.map((doubt) => doubt.split(" ")[0]),
      ["DB_URL", "OTHER"],
    );
    assert.match(found.notes.join(), /db is postgres:18/);
  });

  it("that depend on one without naming its variable get one, marked as a guess", () => {
    const found = discovered({
      "compose.yaml":
        "services:\n  web: { build: web, depends_on: [my-store] }\n  my-store: { build: store }\n",
      "web/package.json": START,
      "store/package.json": START,
    });
    const { calls, doubts } = serviceNamed(found, "web");
    assert.deepEqual([...calls], [["MY_STORE_ADDR", "my-store"]]);
    assert.match(doubts.join(), /a guess/);
  });

  it("of one folder with commands of their own are services of their own, where they have a port", () => {
    const build = "build: ., command: node";
    const found = discovered({
      "compose.yaml": `services:\n  web: { ${build} web.js, ports: ["80:80"] }\n  admin: { ${build} admin.js, expose: [81] }\n  worker: { ${build} worker.js }\n`,
      "package.json": START,
    });
    assert.deepEqual(
      found.services.map(({ name, start }) => [name, start]),
      [
        ["web", "node main.js"],
        ["admin", "node admin.js"],
      ],
    );
    assert.match(found.notes.join(), /worker: it has no port/);
  });
});

describe("services of Kubernetes manifests", () => {
  const WORKLOAD = (name: string, more: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { template: { metadata: { labels: { app: ${name} } }, spec: { containers: [${more}] } } }\n`;
  const SERVICE = (name: string, app: string) =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { app: ${app} }, ports: [{ port: 80 }] }\n`;

  it("have the name of the Service that selects them, which is what others call", () => {
    const found = discovered({
      "orders/package.json": START,
      "orders/deploy/all.yaml": `${WORKLOAD("orders-deployment", '{ image: x, readinessProbe: { httpGet: { path: "/up" } } }')}${SERVICE("order-api", "orders-deployment")}`,
    });
    assert.equal(serviceNamed(found, "order-api").ready, "/up");
  });

  it("have the name of the Service beside them, where another system elsewhere has the same labels", () => {
    const found = discovered({
      "api/package.json": START,
      "api/deploy/deployment.yaml": WORKLOAD("api", "{ image: x }"),
      "api/deploy/service.yaml": SERVICE("api", "api"),
      "a-demo/service.yaml": SERVICE("demo", "api"),
    });
    assert.deepEqual(
      found.services.map(({ name }) => name),
      ["api"],
    );
  });

  it("speak gRPC where a probe or a port says so", () => {
    const found = discovered({
      "store/package.json": START,
      "k8s/store.yaml": WORKLOAD("store", "{ image: x, readinessProbe: { grpc: { port: 1 } } }"),
    });
    const { protocol, grpcServices, doubts } = serviceNamed(found, "store");
    assert.deepEqual([protocol, grpcServices], ["grpc", ["store.v1.StoreService"]]);
    assert.match(doubts.join(), /grpcServices is a guess/);
  });

  it("without code here are left out, with a note; templates that are no YAML yet say nothing", () => {
    const { services, notes } = discovered({
      "k8s/a.yaml": WORKLOAD("elsewhere", "{ image: x }"),
      "chart/templates/b.yaml": "kind: Deployment\nmetadata:\n  {{ name }}: {{- include }}\n",
      "web/package.json": START,
      "api/package.json": START,
    });
    assert.deepEqual(services.map(({ name }) => name).sort(), ["api", "web"]);
    assert.deepEqual(notes, ["k8s/a.yaml, Deployment elsewhere: no code of it was found here"]);
  });
});

describe("names", () => {
  it("that perch.yaml cannot have are changed, and never one for two", () => {
    const { services } = discovered({
      "a/Web App/package.json": START,
      "b/web_app/package.json": START,
      "c/web-app-canary-pr-7/package.json": START,
      [`d/${"x".repeat(60)}/package.json`]: START,
      "e/123/package.json": START,
    });
    assert.deepEqual(
      services.map(({ name }) => name),
      ["web-app", "web-app-2", "web-app-canary-7", "x".repeat(40), "shop"],
    );
  });

  it("of the repository are the remote's, of any kind", () => {
    for (const origin of [
      "git@github.com:acme/shop.git",
      "https://github.com/acme/shop",
      "ssh://git@github.example.com:22/acme/shop.git/",
    ]) {
      const { repo, project, isRepoKnown } = discovered({}, origin);
      assert.deepEqual([repo, project, isRepoKnown], ["acme/shop", "shop", true]);
    }
    assert.equal(discovered({}, "/srv/-/origin.git").isRepoKnown, false);
  });
});
