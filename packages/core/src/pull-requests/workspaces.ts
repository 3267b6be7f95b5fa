/** The part of a package.json that says what its package is built from. */
export interface PackageManifest {
  /** Its folder in the repository, `.` for the root. */
  readonly folder: string;
  readonly name: string | undefined;
  /** Names of packages that it needs when it runs. */
  readonly dependencies: readonly string[];
}

/** A folder, and those of the repository's own packages that it needs, through others too. */
export interface FolderDependencies {
  readonly folder: string;
  readonly needs: readonly string[];
}

/** The repository's own packages, from the text of each package.json by its path. */
export function packageManifests(files: Iterable<readonly [path: string, text: string]>): PackageManifest[] {
  return [...files].flatMap(([path, text]) => {
    if (path.includes("node_modules/")) return [];
    const folder = path === "package.json" ? "." : path.slice(0, -"/package.json".length);
    return readPackageManifest(folder, text) ?? [];
  });
}

/** Reads a package.json; undefined: it is no JSON object, so nobody depends on it by name. */
export function readPackageManifest(folder: string, text: string): PackageManifest | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { name, ...rest } = value as Readonly<Record<string, unknown>>;
  const lists = [rest.dependencies, rest.optionalDependencies, rest.peerDependencies];
  const dependencies = lists.flatMap((list) =>
    typeof list === "object" && list !== null ? Object.keys(list) : [],
  );
  return { folder, name: typeof name === "string" ? name : undefined, dependencies };
}

/** Folders of the repository's own packages that the package in a folder needs, through others too, without its own. */
export function dependencyFolders(packages: readonly PackageManifest[], folder: string): string[] {
  const byName = new Map(
    packages.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])),
  );
  const own = packages.find((one) => one.folder === folder);
  const found = new Set<PackageManifest>();
  const open = own === undefined ? [] : [own];
  for (const one of open) {
    for (const name of one.dependencies) {
      const needed = byName.get(name);
      if (needed === undefined || needed === own || found.has(needed)) continue;
      found.add(needed);
      open.push(needed);
    }
  }
  return [...found].map((one) => one.folder).sort();
}

/** What each of the folders depends on, without those that depend on nothing of the repository. */
export function serviceDependencies(
  packages: readonly PackageManifest[],
  folders: readonly string[],
): FolderDependencies[] {
  return folders
    .map((folder) => ({ folder, needs: dependencyFolders(packages, folder) }))
    .filter(({ needs }) => needs.length > 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
