import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Scroll } from "../parts/scroll.tsx";
import { followLog } from "./follow-log.ts";
import { addText, type LogLines, NO_LINES } from "./log-lines.ts";

/** Pixels from the end within which a reader counts as being there. */
const AT_END = 24;

/** The end of a variant's log; it follows over rolls while wanted. */
export function Log({ service, pr }: { service: string; pr: number | undefined }) {
  const [follow, setFollow] = useState(true);
  const { text, error } = useLog(service, pr, follow);
  const pre = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (pre.current !== null && atEnd.current) pre.current.scrollTop = pre.current.scrollHeight;
  }, [text]);
  const onScroll = ({
    currentTarget: { scrollHeight, scrollTop, clientHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    atEnd.current = scrollHeight - scrollTop - clientHeight < AT_END;
  };
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={follow}
          onChange={({ currentTarget }) => setFollow(currentTarget.checked)}
        />
        Follow
      </label>
      {error !== undefined && <p class="dim">{error}</p>}
      <Scroll label={`Log of ${service}`} class="log" place={pre} onScroll={onScroll}>
        <pre>
          {text.lines.join("\n")}
          {text.rest === "" ? "" : `\n${text.rest}`}
        </pre>
      </Scroll>
    </>
  );
}

function useLog(
  service: string,
  pr: number | undefined,
  follow: boolean,
): { text: LogLines; error: string | undefined } {
  const [text, setText] = useState(NO_LINES);
  const [error, setError] = useState<string>();
  useEffect(() => {
    if (!follow) return;
    const abort = new AbortController();
    const query = new URLSearchParams({ service, lines: "200", follow: "" });
    if (pr !== undefined) query.set("pr", String(pr));
    const onStart = () => {
      setText(NO_LINES);
      setError(undefined);
    };
    const onText = (piece: string) => setText((before) => addText(before, piece));
    void followLog(query, { onStart, onText, onError: setError }, abort.signal);
    return () => abort.abort();
  }, [service, pr, follow]);
  return { text, error };
}
