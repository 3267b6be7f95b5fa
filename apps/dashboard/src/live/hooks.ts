import { useEffect, useState } from "preact/hooks";
import { apiUrl } from "../base.ts";
import { parseRoute, type Route } from "../route.ts";
import { followStatus, type Live } from "./connection.ts";

/** The status, kept up to date. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ link: "connecting" });
  useEffect(() => followStatus(apiUrl("/api/events"), setLive), []);
  return live;
}

/** What the address asks for. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return parseRoute(hash);
}

/** Epoch milliseconds, renewed every so many milliseconds: for ages. */
export function useNow(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
