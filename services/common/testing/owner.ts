/** What has an end, and takes things that shall end with it: a test's context, or `endings()`. */
export interface Owner {
  after(end: () => unknown): void;
}

/** An owner for a whole file: pass `end` to the runner's `after`. */
export function endings(): Owner & { readonly end: () => Promise<void> } {
  const ends: (() => unknown)[] = [];
  return {
    after: (end) => ends.push(end),
    async end() {
      for (const end of ends.reverse()) await end();
    },
  };
}
