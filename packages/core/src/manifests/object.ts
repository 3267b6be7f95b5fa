/** A Kubernetes object as data. Keys are written in the order in which they are here. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: ObjectMeta;
  readonly [key: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** Where a value is in an object: `["spec", "routes", 0, "priority"]`. */
export type ObjectPath = readonly (string | number)[];

/** An object with the reasons for what is in it. */
export interface Described {
  readonly object: KubernetesObject;
  /** Why the object exists; one line or several. */
  readonly why?: string;
  /** Why single values are as they are, each above its key. */
  readonly notes?: readonly Note[];
}

export type Note = readonly [path: ObjectPath, text: string];

/** `RFC 6901`: the path as a JSON pointer. */
export function jsonPointer(path: ObjectPath): string {
  return path.map((segment) => `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Every scalar of a value with its path, in order. */
export function* leavesOf(value: unknown, path: ObjectPath = []): Generator<[ObjectPath, unknown]> {
  if (typeof value !== "object" || value === null) yield [path, value];
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index]);
  } else {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) yield* leavesOf(item, [...path, key]);
    }
  }
}
