import type * as z from "zod";
import { writtenConfig } from "./schema.ts";
import { type WrittenLocal, type WrittenService, writtenLocal, writtenService } from "./service-schema.ts";

/** One map of the document with those of its keys that are right by themselves: rules can look at the rest of a broken file. */
export interface View<T> {
  readonly parts: Partial<T>;
  /** Whether the key is written, right or not. */
  has(key: keyof T & string): boolean;
}

export interface ServiceView extends View<WrittenService> {
  readonly name: string;
  readonly local: View<WrittenLocal> | undefined;
}

export interface ConfigView {
  readonly edge: View<z.output<typeof edgeSchema>>;
  readonly canary: View<z.output<typeof canarySchema>>;
  readonly services: readonly ServiceView[];
}

const edgeSchema = writtenConfig.shape.edge.unwrap();
const canarySchema = writtenConfig.shape.canary.unwrap();

/** What rules between keys may rely on, whatever else is wrong. */
export function viewConfig(value: unknown): ConfigView {
  const root = recordOf(value) ?? {};
  return {
    edge: view(edgeSchema, recordOf(root.edge)),
    canary: view(canarySchema, recordOf(root.canary)),
    services: Object.entries(recordOf(root.services) ?? {}).map(([name, service]) =>
      viewService(name, recordOf(service)),
    ),
  };
}

function viewService(name: string, written: Record<string, unknown> | undefined): ServiceView {
  const local = recordOf(written?.local);
  return {
    name,
    ...view(writtenService, written),
    local: local === undefined ? undefined : view(writtenLocal, local),
  };
}

function view<S extends z.ZodObject>(schema: S, written: Record<string, unknown> = {}): View<z.output<S>> {
  const parts: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(schema.shape)) {
    const result = (part as z.ZodType).safeParse(written[key]);
    if (result.success) parts[key] = result.data;
  }
  return { parts: parts as Partial<z.output<S>>, has: (key) => Object.hasOwn(written, key) };
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined;
}
