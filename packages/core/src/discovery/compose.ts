import { command, GRPC_PORT, healthPath } from "./dockerfile.ts";
import { type FileSet, folderOf, isComposeFile, resolveFolder } from "./files.ts";
import { list, parseYaml, portNumber, record, scalar, text } from "./read.ts";
import { shellCommand } from "./shell.ts";
import type { Clue } from "./types.ts";

export interface ComposeFindings {
  readonly clues: readonly Clue[];
  /** Services that are somebody's image: databases, caches. By name, the image. */
  readonly images: ReadonlyMap<string, string>;
}

/** A clue for each service of a compose file that is built here. */
export function composeServices(files: FileSet): ComposeFindings {
  const clues: Clue[] = [];
  const images = new Map<string, string>();
  for (const { path, text: source } of files.all().filter((file) => isComposeFile(file.path))) {
    const services = Object.entries(record(record(parseYaml(source)[0]).services));
    for (const [name, value] of services) {
      const service = record(value);
      const folder = buildFolder(path, service.build, files);
      if (folder !== undefined) clues.push(composeClue(path, name, folder, service));
      else if (service.build === undefined) images.set(name, text(service.image) ?? "an image");
    }
  }
  return { clues, images };
}

/** The context; or, where the Dockerfile has a folder of its own in it, that folder: a monorepo's context is its root. */
function buildFolder(file: string, build: unknown, files: FileSet): string | undefined {
  const context = resolveFolder(folderOf(file), text(build) ?? text(record(build).context) ?? "");
  // A folder that is not there is in another repository, or no folder.
  if (build === undefined || context === undefined || files.below(context).length === 0) return undefined;
  const dockerfile = text(record(build).dockerfile);
  if (dockerfile === undefined) return context;
  const own = resolveFolder(context, dockerfile);
  const isFolderOfService = own !== undefined && files.below(folderOf(own)).length > 1;
  return isFolderOfService && folderOf(own) !== "." ? folderOf(own) : context;
}

function composeClue(
  file: string,
  name: string,
  folder: string,
  service: Readonly<Record<string, unknown>>,
): Clue {
  const published = list(service.ports);
  const ports = [...published, ...list(service.expose)].flatMap((port) => containerPort(port) ?? []);
  const start = command(
    typeof service.command === "string" ? [service.command] : commandWords(service.command),
  );
  const check = record(service.healthcheck).test;
  const ready = healthPath(text(check) ?? list(check).map(String).join(" "));
  const { env, needs } = { env: environment(service.environment), needs: names(service.depends_on) };
  return {
    from: file,
    says: `compose service ${name}`,
    folder,
    names: [name, ...(text(service.container_name) ?? "").split(" ").filter((one) => one !== "")],
    ports,
    env,
    needs,
    isPublished: published.length > 0,
    mayBeGrpc: ports.includes(GRPC_PORT),
    ...(start !== undefined && { start }),
    ...(ready !== undefined && { ready }),
  };
}

function commandWords(value: unknown): string[] {
  const words = list(value).flatMap((one) => text(one) ?? []);
  return words.length === 0 ? [] : [shellCommand(words)];
}

/** `8080:3000`, `127.0.0.1:8080:3000/tcp`, `3000`, `{target: 3000}` → 3000. */
function containerPort(value: unknown): number | undefined {
  const written = scalar(value) ?? scalar(record(value).target) ?? "";
  return portNumber(
    written
      .replace(/\/tcp$/, "")
      .split(":")
      .at(-1),
  );
}

/** `{A: b}` or `["A=b"]`; what compose takes from the user's own environment is not in the file. */
export function environment(value: unknown): Map<string, string> {
  const pairs = Array.isArray(value)
    ? value.flatMap((one): [string, unknown][] => {
        const [, name = "", content] = /^([^=]+)=(.*)$/s.exec(String(one)) ?? [];
        return name === "" ? [] : [[name, content]];
      })
    : Object.entries(record(value));
  return new Map(
    pairs.flatMap(([name, content]) => {
      const written = scalar(content);
      return written === undefined ? [] : [[name, written] as const];
    }),
  );
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((one) => text(one) ?? []) : Object.keys(record(value));
}
