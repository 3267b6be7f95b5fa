import { dependencyFolders, type PackageManifest, readPackageManifest } from "../pull-requests/workspaces.ts";
import { baseName, type FileSet, folderOf, foldersUpwards } from "./files.ts";
import { parseJson, record, text } from "./read.ts";
import { listeningCommand } from "./shell.ts";
import type { Clue, RepositoryFile } from "./types.ts";

const DYNAMODB = ["@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb", "aws-sdk"];
const GRPC = ["@grpc/grpc-js", "nice-grpc", "@connectrpc/connect-node", "mali"];
const INSTALLERS: Readonly<Record<string, string>> = {
  "package-lock.json": "npm ci",
  "npm-shrinkwrap.json": "npm ci",
  "pnpm-lock.yaml": "pnpm install --frozen-lockfile",
  "bun.lock": "bun install --frozen-lockfile",
};

/** A clue for each npm, pnpm or yarn package with a start script. */
export function nodePackages(files: FileSet): Clue[] {
  const packages = files.named("package.json");
  const manifests = packages.flatMap(({ path, text: source }) => {
    const manifest = readPackageManifest(folderOf(path), source);
    return manifest === undefined ? [] : [manifest];
  });
  return packages.flatMap((file) => packageClue(file, manifests, files));
}

function packageClue(file: RepositoryFile, manifests: readonly PackageManifest[], files: FileSet): Clue[] {
  const content = record(parseJson(file.text));
  const scripts = record(content.scripts);
  const folder = folderOf(file.path);
  const script = text(scripts.start);
  const isWorkspaceRoot = content.workspaces !== undefined || files.at(folder, "pnpm-workspace.yaml");
  // A root's scripts start its members.
  if (isWorkspaceRoot && manifests.length > 1) return [];
  const names = nameOf(content.name, folder);
  if (script === undefined) {
    const unfit =
      "no start script: where it is a service, give it one, or say in perch.yaml how it is started";
    return scripts.dev === undefined ? [] : [{ from: file.path, says: "dev script", folder, names, unfit }];
  }
  const lock = nearestLock(files, folder);
  const manager = managerOf(lock);
  const isPlain = scripts.prestart === undefined && /^(?:node|bun|deno) [^&|;]+$/.test(script);
  const dependencies = manifests.find((one) => one.folder === folder)?.dependencies ?? [];
  const siblings = dependencyFolders(manifests, folder);
  const install = dependencies.length > 0 ? installCommand(lock) : undefined;
  const needsYarn = install !== undefined && isPlugAndPlay(files, lock);
  return [
    {
      from: file.path,
      says: "start script",
      folder,
      names,
      // The program itself starts faster than a package manager, and ends on the first signal.
      start: isPlain ? listeningCommand(needsYarn ? withYarn(script) : script) : `${manager} start`,
      ...(text(scripts.build) !== undefined && { build: `${manager} run build` }),
      ...(install !== undefined && { install }),
      paths: [...siblings, ...(install === undefined || lock === undefined ? [] : [lock.path])],
      ...(dependencies.some((name) => GRPC.includes(name)) && { mayBeGrpc: true }),
      usesDynamodb: dependencies.some((name) => DYNAMODB.includes(name)),
    },
  ];
}

function nameOf(written: unknown, folder: string): string[] {
  const name = text(written);
  if (folder === ".") return name === undefined ? [] : [name];
  return name === undefined ? [baseName(folder)] : [baseName(folder), name];
}

function nearestLock(files: FileSet, folder: string): RepositoryFile | undefined {
  const names = [...Object.keys(INSTALLERS), "yarn.lock"];
  for (const upper of foldersUpwards(folder)) {
    const found = names.map((name) => files.at(upper, name)).find((file) => file !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What installs from this lock file, exactly and without changing it. */
function installCommand(lock: RepositoryFile | undefined): string {
  if (lock === undefined) return "npm install";
  return (
    INSTALLERS[baseName(lock.path)] ??
    `yarn install ${isClassicYarn(lock) ? "--frozen-lockfile" : "--immutable"}`
  );
}

/** Yarn's own way since its second version (https://yarnpkg.com/features/pnp): without `node_modules`, only Yarn knows where packages are. */
function isPlugAndPlay(files: FileSet, lock: RepositoryFile | undefined): boolean {
  if (lock === undefined || managerOf(lock) !== "yarn" || isClassicYarn(lock)) return false;
  const settings = files.at(folderOf(lock.path), ".yarnrc.yml")?.text ?? "";
  const linker = /^nodeLinker:\s*["']?([\w-]+)/m.exec(settings)?.[1] ?? "pnp";
  return linker === "pnp";
}

function withYarn(script: string): string {
  return script.replace(/^node /, "yarn node ");
}

function isClassicYarn(lock: RepositoryFile): boolean {
  return lock.text.includes("# yarn lockfile v1");
}

function managerOf(lock: RepositoryFile | undefined): string {
  return installCommand(lock).split(" ")[0] ?? "npm";
}
