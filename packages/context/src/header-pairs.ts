/** Headers as a list: names and values in turn, or one pair for each header. */
export type HeaderList = readonly unknown[];

/** The pairs of a list in either form. A value may itself be a list, so the first name tells the forms apart. */
export function pairsOf(list: HeaderList): [name: unknown, value: unknown][] {
  const pairs: [unknown, unknown][] = [];
  if (Array.isArray(list[0])) {
    for (const pair of list) if (Array.isArray(pair)) pairs.push([pair[0], pair[1]]);
  } else {
    for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
  }
  return pairs;
}
