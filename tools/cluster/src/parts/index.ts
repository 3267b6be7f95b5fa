import { buildPart, patchedIn, type Say } from "./build.ts";
import { type Found, findTool } from "./find.ts";
import { ensurePackages } from "./packages.ts";
import { PARTS, type Part } from "./parts.ts";

/** All executables of the bed, and the folder of its definitions. */
export interface Toolbox {
  /** By tool name. */
  readonly tools: ReadonlyMap<string, Found>;
  /** Folder of the CRD files. */
  readonly definitions: string;
  /** One line for each built part that differs from the original. */
  readonly patched: readonly string[];
}

export interface ToolboxOptions {
  /** Where built parts are kept. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: Say;
}

/** Finds every tool and builds the parts of which one is missing; parts are built one after the other. */
export async function openToolbox(options: ToolboxOptions): Promise<Toolbox> {
  const found = await findAll(options.environment);
  const toBuild = PARTS.filter((part) => part.tools.some((tool) => !found.has(tool.name)) || isFiles(part));
  await ensurePackages({ building: toBuild.length > 0 }, options.say);
  const tools = new Map(found);
  const patched: string[] = [];
  let definitions = "";
  for (const part of toBuild) {
    const folder = await buildPart(part, options.cache, options.say);
    if (isFiles(part)) definitions = folder;
    for (const { name } of part.tools)
      if (!tools.has(name)) tools.set(name, { path: `${folder}/${name}`, origin: "built" });
    const note = await patchedIn(part);
    if (note !== undefined) patched.push(`${part.name}: ${note}`);
  }
  return { tools, definitions, patched };
}

/** One tool for itself: found, or built with its part. */
export async function openTool(name: string, options: ToolboxOptions): Promise<string> {
  const part = PARTS.find(({ tools }) => tools.some((tool) => tool.name === name));
  const tool = part?.tools.find((one) => one.name === name);
  if (part === undefined || tool === undefined) throw new RangeError(`No part has ${name}.`);
  const found = await findTool(tool, options.environment);
  return found?.path ?? `${await buildPart(part, options.cache, options.say)}/${name}`;
}

function isFiles(part: Part): boolean {
  return part.tools.length === 0;
}

async function findAll(environment: ToolboxOptions["environment"]): Promise<Map<string, Found>> {
  const tools = PARTS.flatMap((part) => part.tools);
  const found = await Promise.all(
    tools.map(async (tool) => [tool.name, await findTool(tool, environment)] as const),
  );
  return new Map(found.flatMap(([name, where]) => (where === undefined ? [] : [[name, where] as const])));
}
