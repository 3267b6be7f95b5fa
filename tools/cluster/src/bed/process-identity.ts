import { readFile } from "node:fs/promises";

/**
 * Start of a process in clock ticks since boot (proc(5), stat, field 22); undefined if there is none or it is a zombie. With the
 * number it tells a process from a later one of the same number.
 */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // the second field is the name in parentheses and may itself contain blanks
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}
