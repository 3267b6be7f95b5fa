/** Whether any process of a group still runs. */
export function groupLives(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Looks again and again, some seconds long, until what it looks for is there. */
export async function eventually<T>(look: () => Promise<T>): Promise<T> {
  for (let i = 0; ; i += 1) {
    try {
      return await look();
    } catch (error) {
      if (i === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
