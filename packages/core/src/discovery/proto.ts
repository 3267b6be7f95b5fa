import type { FileSet } from "./files.ts";
import type { ProtoService } from "./types.ts";

const COMMENT_OR_STRING =
  /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The gRPC services of all .proto files, with package. */
export function protoServices(files: FileSet): ProtoService[] {
  const found = files
    .all()
    .flatMap(({ path, text }) =>
      path.endsWith(".proto") ? servicesOf(text).map((name) => ({ name, from: path })) : [],
    );
  // A file that is there twice, such as a copy beside each of its users, is one API.
  return found.filter(({ name }, index) => found.findIndex((one) => one.name === name) === index);
}

function servicesOf(source: string): string[] {
  const code = source.replace(COMMENT_OR_STRING, " ");
  const [, prefix = ""] = /(?:^|[;}\s])package\s+([\w.]+)\s*;/.exec(code) ?? [];
  const names = [...code.matchAll(/(?:^|[;}\s])service\s+(\w+)\s*\{/g)].map(([, name = ""]) => name);
  const segments = prefix === "" ? [] : prefix.split(".");
  return names
    .filter((name) => [...segments, name].every((segment) => IDENTIFIER.test(segment)))
    .map((name) => [...segments, name].join("."));
}
