import { readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addProgram, buildTool, writeImage } from "@perch/cluster";
import { execa } from "execa";
import { parse } from "yaml";
import { fromDebian, onPath } from "../../../support/debian.ts";

// What docker-compose.yml pulls, assembled from the programs of the cluster's bed under the very names that the file says: same
// versions, same entry points. Nothing is pulled.

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

/** Names of the images that the compose file does not build, by service. */
export async function pulledImages(): Promise<{ readonly edge: string; readonly database: string }> {
  const { services } = parse(await readFile(join(ROOT, "docker-compose.yml"), "utf8")) as {
    services: Readonly<Record<"perch-edge" | "perch-dynamodb", { readonly image: string }>>;
  };
  return { edge: services["perch-edge"].image, database: services["perch-dynamodb"].image };
}

/** The name of the base image that a Dockerfile has by default. */
export async function defaultBase(service: string): Promise<string> {
  const text = await readFile(join(ROOT, "services", service, "Dockerfile"), "utf8");
  const [, base] = /^ARG BASE=(\S+)$/m.exec(text) ?? [];
  if (base === undefined) throw new Error(`The Dockerfile of ${service} names no base image.`);
  return base;
}

/** Traefik, with a shell and wget, as its own image has them. Writes a docker archive. */
export async function writeTraefikImage(archive: string, reference: string): Promise<void> {
  const files = new Map<string, string>();
  await addProgram(files, await buildTool("traefik"), "/usr/local/bin/traefik");
  await addShell(files, ["/bin/sh", "/usr/bin/wget"]);
  await writeImage(archive, { reference, files, entrypoint: ["/usr/local/bin/traefik"] });
}

/** DynamoDB Local, which takes the arguments that its own image gives to Java. Writes a docker archive. */
export async function writeDatabaseImage(archive: string, reference: string): Promise<void> {
  const files = new Map<string, string>();
  const launcher = await realpath(await buildTool("dynamodb-local"));
  files.set("/opt/dynamodb", dirname(launcher));
  const home = await addJava(files);
  await addShell(files, ["/bin/sh", "/usr/bin/dirname", "/usr/bin/readlink"]);
  const texts = new Map([["/opt/java", entry(home)]]);
  await writeImage(archive, { reference, files, texts, entrypoint: ["/bin/sh", "/opt/java"] });
}

/** For `java -jar DynamoDBLocal.jar …`: the jar of the download is a folder of jars here, and a launcher that knows them. */
function entry(home: string): string {
  return `[ "$1 $2" = "-jar DynamoDBLocal.jar" ] || { echo "unknown: $*" >&2; exit 64; }
shift 2
PATH="${home}/bin:$PATH" exec /opt/dynamodb/dynamodb-local "$@"
`;
}

async function addShell(files: Map<string, string>, paths: readonly string[]): Promise<void> {
  const busybox = await fromDebian("busybox");
  for (const path of paths) await addProgram(files, busybox, path);
}

/** This machine's Java, at its own place: it looks for its parts beside itself. Returns its home. */
async function addJava(files: Map<string, string>): Promise<string> {
  const java = await realpath((await onPath("java")) ?? (await fromDebian("java")));
  const home = dirname(dirname(java));
  await addProgram(files, java, java);
  for (const folder of ["lib", "conf"]) files.set(join(home, folder), join(home, folder));
  await addProgram(files, join(home, "lib", "server", "libjvm.so"), join(home, "lib", "server", "libjvm.so"));
  // Debian keeps its settings in /etc, where links lead to.
  const { stdout } = await execa("find", [home, "-type", "l", "-lname", "/etc/*", "-printf", "%l\n"]);
  for (const target of stdout.split("\n").filter(Boolean)) files.set(target, target);
  return home;
}
