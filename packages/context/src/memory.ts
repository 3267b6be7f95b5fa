/** Texts that are remembered, and characters of the longest of them: under 128 KiB in all. */
const MOST = 128;
const LONGEST = 512;

/**
 * A reader that remembers what texts meant: services and testers say the same again and again, and reading it is most of what it
 * costs. Equal text gives the same object, which nobody may change. Who sends ever new texts makes everybody read anew, and no
 * more than that.
 */
export function remembering<T>(read: (text: string) => T): (text: string) => T {
  const remembered = new Map<string, T>();
  return (text) => {
    if (text.length > LONGEST) return read(text);
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const meaning = read(text);
    if (meaning === undefined) return meaning;
    if (remembered.size >= MOST) remembered.clear();
    remembered.set(text, meaning);
    return meaning;
  };
}
