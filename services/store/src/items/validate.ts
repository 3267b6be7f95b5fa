import { status } from "@grpc/grpc-js";
import { LIMITS, LIMITS_IN_WORDS } from "@shop/proto";
import { StatusError } from "../grpc/status-error.ts";
import type { ItemFields } from "./item.ts";

const ID = new RegExp(LIMITS.id.pattern);
const NAME = new RegExp(LIMITS.name.pattern, "u");

/** @throws {StatusError} INVALID_ARGUMENT, which names every field that is wrong. */
export function checkFields(fields: ItemFields): ItemFields {
  refuse([
    ...nameProblems(fields.name),
    ...descriptionProblems(fields.description),
    ...rangeProblems("price_cents", fields.priceCents, LIMITS.priceCents),
  ]);
  return { name: fields.name, description: fields.description, priceCents: fields.priceCents };
}

/** @throws {StatusError} INVALID_ARGUMENT when it cannot be an item's id. */
export function checkId(id: string): string {
  if (!isId(id)) {
    refuse([`id ${LIMITS_IN_WORDS.id}`]);
  }
  return id;
}

export function isId(id: string): boolean {
  return ID.test(id);
}

/** @throws {StatusError} INVALID_ARGUMENT when no item can have that version. */
export function checkExpectedVersion(version: number | undefined): number | undefined {
  if (version !== undefined) refuse(rangeProblems("expected_version", version, LIMITS.version));
  return version;
}

/**
 * How many items a page has; 0 means the default.
 * @throws {StatusError} INVALID_ARGUMENT when out of range.
 */
export function checkPageSize(pageSize: number): number {
  if (pageSize === 0) return LIMITS.pageSize.default;
  refuse(rangeProblems("page_size", pageSize, LIMITS.pageSize));
  return pageSize;
}

function nameProblems(name: string): string[] {
  const { maxLength } = LIMITS.name;
  if (length(name) <= maxLength && NAME.test(name)) return [];
  return [`name ${LIMITS_IN_WORDS.name}`];
}

function descriptionProblems(description: string): string[] {
  const { maxLength } = LIMITS.description;
  return length(description) > maxLength ? [`description must have at most ${maxLength} characters`] : [];
}

function rangeProblems(field: string, value: number, range: { minimum: number; maximum: number }): string[] {
  const within = value >= range.minimum && value <= range.maximum;
  return within ? [] : [`${field} must be from ${range.minimum} to ${range.maximum}`];
}

/** Code points, as JSON Schema counts them, so that the API and the store agree. */
function length(text: string): number {
  return [...text].length;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new StatusError(status.INVALID_ARGUMENT, `${problems.join("; ")}.`);
}
