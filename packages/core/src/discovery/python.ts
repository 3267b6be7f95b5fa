import { parse } from "smol-toml";
import { baseName, type FileSet, folderOf, foldersUpwards, isEntryFile } from "./files.ts";
import { list, record, text } from "./read.ts";
import type { Clue, RepositoryFile } from "./types.ts";

const LOCKS = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
/** The order in which a folder's files are looked at for what starts it. */
const ENTRIES = ["manage.py", "asgi.py", "wsgi.py", "main.py", "app.py", "server.py", "start.py"];

/** A clue for each folder with a Python project and a file that starts it. */
export function pythonProjects(files: FileSet): Clue[] {
  const projects = [...files.named("pyproject.toml"), ...files.named("requirements.txt")];
  const folders = new Set(projects.map(({ path }) => folderOf(path)));
  // A script alone is a service too, when it says that it serves.
  for (const { path, text: source } of files.all()) {
    if (path.endsWith(".py") && isEntryFile(path) && SERVES.test(source)) folders.add(folderOf(path));
  }
  return [...folders].sort().flatMap((folder) => projectClue(folder, files));
}

const SERVES =
  /\b(?:FastAPI|Flask|(?:Threading)?HTTPServer|Starlette|uvicorn\.run|web\.run_app|grpc\.(?:aio\.)?server)\b/;

function projectClue(folder: string, files: FileSet): Clue[] {
  const entry = ENTRIES.map((name) => files.at(folder, name)).find((file) => file !== undefined);
  if (entry === undefined) return [];
  const project = files.at(folder, "pyproject.toml");
  const requirements = files.at(folder, "requirements.txt");
  const { name, needed } = readProject(project, requirements);
  const prepare = needed.length === 0 ? undefined : prepareCommand(requirements !== undefined);
  // Where an npm lock file is above, installs are its package manager's, and run in its folder.
  const isUnderLock = foldersUpwards(folder).some((upper) => LOCKS.some((lock) => files.at(upper, lock)));
  const python = prepare === undefined ? "python3" : ".venv/bin/python";
  return [
    {
      from: (requirements ?? project ?? entry).path,
      says: `Python, started by ${baseName(entry.path)}`,
      folder,
      names: [...(folder === "." ? [] : [baseName(folder)]), ...(name === undefined ? [] : [name])],
      start: startCommand(python, entry, needed),
      ...(prepare !== undefined && (isUnderLock ? { build: prepare } : { install: prepare })),
      ...(/\badd_\w+Servicer_to_server\(/.test(entry.text) && { isGrpc: true }),
      ...(needed.some((one) => one.startsWith("grpcio")) && { mayBeGrpc: true }),
      usesDynamodb: needed.some((one) => /^(?:aio)?boto3\b/.test(one)) && /dynamodb/i.test(entry.text),
    },
  ];
}

function prepareCommand(hasRequirements: boolean): string {
  const what = hasRequirements ? "-r requirements.txt" : ".";
  return `python3 -m venv .venv && .venv/bin/pip install --quiet ${what}`;
}

function startCommand(python: string, entry: RepositoryFile, needed: readonly string[]): string {
  const module = baseName(entry.path).replace(/\.py$/, "");
  const has = (name: string) => needed.some((one) => new RegExp(`^${name}\\b`).test(one));
  const [, asgi] = /^(\w+)\s*(?::[^=\n]+)?=\s*(?:FastAPI|Starlette)\(/m.exec(entry.text) ?? [];
  const [, wsgi] = /^(\w+)\s*(?::[^=\n]+)?=\s*Flask\(/m.exec(entry.text) ?? [];
  if (module === "manage") return `${python} manage.py runserver --noreload $HOST:$PORT`;
  if (asgi !== undefined && has("(?:uvicorn|fastapi)")) {
    return `${python} -m uvicorn ${module}:${asgi} --host $HOST --port $PORT`;
  }
  if (wsgi !== undefined) return `${python} -m flask --app ${module}:${wsgi} run --host $HOST --port $PORT`;
  return `${python} ${baseName(entry.path)}`;
}

/** A project's name and what it needs, in lower case: `fastapi[standard]>=0.110`. */
function readProject(
  project: RepositoryFile | undefined,
  requirements: RepositoryFile | undefined,
): { name: string | undefined; needed: string[] } {
  const content = record(parseToml(project?.text ?? ""));
  const { name, dependencies } = record(content.project);
  const poetry = record(record(content.tool).poetry);
  const lines = (requirements?.text ?? "").split("\n").map((line) => line.trim());
  const needed = [
    ...list(dependencies).flatMap((one) => text(one) ?? []),
    ...Object.keys(record(poetry.dependencies)).filter((one) => one !== "python"),
    ...lines.filter((line) => line !== "" && !line.startsWith("#")),
  ];
  return { name: text(name) ?? text(poetry.name), needed: needed.map((one) => one.toLowerCase()) };
}

function parseToml(source: string): unknown {
  try {
    return parse(source);
  } catch {
    return undefined;
  }
}
