import { baseName, type FileSet, folderOf } from "./files.ts";
import { shellCommand } from "./shell.ts";
import type { Clue, RepositoryFile } from "./types.ts";

const DYNAMODB = "github.com/aws/aws-sdk-go-v2/service/dynamodb";
const GRPC = "google.golang.org/grpc";

/** A clue for each main package of each Go module. */
export function goModules(files: FileSet): Clue[] {
  const modules = files.named("go.mod");
  return modules.flatMap((module) => {
    const folder = folderOf(module.path);
    const inner = modules.map(({ path }) => folderOf(path)).filter((other) => isBelow(other, folder));
    const sources = files
      .below(folder)
      .filter(({ path }) => path.endsWith(".go") && !inner.some((other) => isBelow(path, other)));
    const mains = mainPackages(sources);
    const listening = sources.filter(({ text }) => LISTENS.test(text));
    const serving = mains.filter((main) => serves(main, mains, listening));
    // A program that serves by somebody else's library cannot be told from a tool, unless another one can.
    return mains.map((main) => {
      const clue = moduleClue(module, main, sources);
      const isTool = serving.length > 0 && !serving.includes(main);
      return isTool ? { ...clue, unfit: "nothing in it listens" } : clue;
    });
  });
}

const LISTENS =
  /\bListenAndServe|\bgrpc\.NewServer\(|\bnet\.Listen\(|\b(?:gin|echo|fiber|chi)\.(?:Default|New|NewRouter)\(/;

/** Whether code of its own folder listens, or code that no command has to itself. */
function serves(
  main: RepositoryFile,
  mains: readonly RepositoryFile[],
  listening: readonly RepositoryFile[],
): boolean {
  const others = new Set(mains.filter((one) => one !== main).map(({ path }) => folderOf(path)));
  return listening.some(({ path }) => !others.has(folderOf(path)));
}

function isBelow(path: string, folder: string): boolean {
  return path !== folder && (folder === "." ? path !== "." : path.startsWith(`${folder}/`));
}

function mainPackages(sources: readonly RepositoryFile[]): RepositoryFile[] {
  const mains = sources.filter(
    ({ text }) =>
      /^package main\s*$/m.test(text) &&
      /^func main\(\)/m.test(text) &&
      !text.startsWith("//go:build ignore"),
  );
  return mains.filter(
    ({ path }, index) => mains.findIndex((one) => folderOf(one.path) === folderOf(path)) === index,
  );
}

function moduleClue(module: RepositoryFile, main: RepositoryFile, sources: readonly RepositoryFile[]): Clue {
  const folder = folderOf(module.path);
  const inside = folderOf(main.path.slice(folder === "." ? 0 : folder.length + 1));
  const [, modulePath = ""] = /^module\s+(\S+)/m.exec(module.text) ?? [];
  const name =
    inside === "."
      ? folder === "."
        ? modulePath.replace(/\/v\d+$/, "")
        : baseName(folder)
      : baseName(inside);
  const served = sources.some(
    ({ path, text }) => isBelow(path, folderOf(main.path)) && /\bRegister\w+Server\(/.test(text),
  );
  const program = baseName(name) || "main";
  return {
    from: main.path,
    says: `Go command of module ${modulePath}`,
    folder,
    ...(inside !== "." && { unit: inside }),
    names: name === "" ? [] : [name],
    // A name of its own, so that it is in nobody's way in the worktree.
    build: `go build -o ${shellCommand([`.perch-build/${program}`])} ${shellCommand([inside === "." ? "." : `./${inside}`])}`,
    start: shellCommand([`./.perch-build/${program}`]),
    ...(served && { isGrpc: true }),
    ...(module.text.includes(GRPC) && { mayBeGrpc: true }),
    usesDynamodb: module.text.includes(DYNAMODB),
  };
}
