import { baseName, type FileSet, folderOf, isDockerfile } from "./files.ts";
import { list, parseJson, portNumber, text } from "./read.ts";
import { listeningCommand, shellCommand } from "./shell.ts";
import type { Clue, RepositoryFile } from "./types.ts";

/** Where gRPC servers listen when nobody tells them another port. */
export const GRPC_PORT = 50_051;

/** A clue for each Dockerfile: its ports, and its command where the machine has that program too. */
export function dockerfiles(files: FileSet): Clue[] {
  return files.all().flatMap((file) => (isDockerfile(file.path) ? [dockerfileClue(file)] : []));
}

function dockerfileClue(file: RepositoryFile): Clue {
  const stage = lastStage(file.text);
  const values = (name: string) => stage.flatMap(([key, value]) => (key === name ? [value] : []));
  const ports = values("EXPOSE").flatMap((value) =>
    value.split(/\s+/).flatMap((one) => portNumber(one.replace(/\/tcp$/i, "")) ?? []),
  );
  const entrypoint = words(values("ENTRYPOINT").at(-1));
  const start = command([...entrypoint, ...words(values("CMD").at(-1))]);
  const ready = healthPath(values("HEALTHCHECK").at(-1) ?? "");
  const variant = /^Dockerfile\.(.+)$|^(.+)\.Dockerfile$/.exec(baseName(file.path));
  const folder = folderOf(file.path);
  const name = variant?.[1] ?? variant?.[2] ?? (folder === "." ? undefined : baseName(folder));
  return {
    from: file.path,
    says: [...(ports.length > 0 ? [`EXPOSE ${ports.join(" ")}`] : []), "image"].join(", "),
    folder,
    names: name === undefined ? [] : [name],
    ports,
    mayBeGrpc: ports.includes(GRPC_PORT),
    ...(start !== undefined && { start }),
    ...(ready !== undefined && { ready }),
  };
}

/** Instructions of the last stage, whose image is the service's; continued lines are one. */
function lastStage(source: string): [key: string, value: string][] {
  const lines = source
    .replace(/^\s*#.*$/gm, "")
    .replace(/\\\r?\n/g, " ")
    .split("\n");
  const instructions = lines.flatMap((line): [string, string][] => {
    const [, key = "", value = ""] = /^\s*([A-Za-z]+)\s+(\S.*)$/.exec(line) ?? [];
    return key === "" ? [] : [[key.toUpperCase(), value.trim()]];
  });
  return instructions.slice(instructions.findLastIndex(([key]) => key === "FROM") + 1);
}

/** The exec form is a list of words; the shell form is a command already. */
function words(value: string | undefined): string[] {
  if (value === undefined) return [];
  if (!value.startsWith("[")) return [value];
  const parts = list(parseJson(value)).flatMap((part) => text(part) ?? []);
  return parts.length === 0 ? [] : [shellCommand(parts)];
}

/** Programs that a machine has too; a path of the image is nowhere else. */
const PORTABLE =
  /^(?:node|npm|npx|pnpm|yarn|bun|deno|tsx|python3?|uvicorn|gunicorn|flask|hypercorn|fastapi|ruby|bundle|rails|java|php|dotnet)\b(?!.*\s\/)/;

/** An image's command as a command of this machine; `undefined` where only the image has that program. */
export function command(parts: readonly string[]): string | undefined {
  const whole = parts.join(" ").trim();
  if (!PORTABLE.test(whole)) return undefined;
  return listeningCommand(whole.replace(/^python\b(?!\d)/, "python3"));
}

/** The path that a health check asks for. */
export function healthPath(check: string): string | undefined {
  return /https?:\/\/[^\s/'"]+(\/[\w./~-]*)/.exec(check)?.[1];
}
