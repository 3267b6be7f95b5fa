/** Lines that count how often one of them is read: work measured without a clock. */
export function countingReads(lines: readonly string[]): { lines: readonly string[]; reads: () => number } {
  let reads = 0;
  const counting = new Proxy(lines, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^[0-9]+$/.test(key)) reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  return { lines: counting, reads: () => reads };
}
