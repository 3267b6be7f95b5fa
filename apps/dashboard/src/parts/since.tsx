import { useNow } from "../live/hooks.ts";
import { age } from "../words.ts";

/** How long ago, with the time itself for who asks. */
export function Since({ at, ago = false }: { at: number; ago?: boolean }) {
  const now = useNow(1_000);
  if (at === 0) return null;
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {age(now - at)}
      {ago ? " ago" : ""}
    </time>
  );
}
