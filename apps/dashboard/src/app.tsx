import type { StatusDocument } from "@perch/core";
import { useEffect, useRef } from "preact/hooks";
import { isOfCluster } from "./canaries.ts";
import { VariantPage } from "./canary/page.tsx";
import type { Live } from "./live/connection.ts";
import { useLive, useRoute } from "./live/hooks.ts";
import { Overview } from "./overview/page.tsx";
import { Icon } from "./parts/icon.tsx";
import { Since } from "./parts/since.tsx";
import { href, type Route } from "./route.ts";
import { TryPage } from "./try/page.tsx";

export function App() {
  const live = useLive();
  const route = useRoute();
  const main = useFocusOnMove(route);
  const { status } = live;
  useEffect(() => {
    document.title = `${titleOf(route)} · ${status?.project ?? "perch"}`;
  }, [route, status?.project]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <strong class="project">{status?.project ?? "perch"}</strong>
        <Navigation route={route} canTry={status === undefined || !isOfCluster(status)} />
        <Link live={live} />
      </header>
      <main id="main" ref={main} tabIndex={-1} class={live.link === "lost" ? "stale" : ""}>
        {status === undefined ? <Waiting live={live} /> : <Page route={route} status={status} />}
      </main>
    </>
  );
}

/** Whoever moves on by keyboard or hears the page begins at its new content. */
function useFocusOnMove(route: Route) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef<string | undefined>(undefined);
  // What is typed into the form of the try page is part of its address, too.
  const where = route.page === "try" ? "try" : JSON.stringify(route);
  useEffect(() => {
    if (shown.current !== undefined && shown.current !== where) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown.current = where;
  }, [where]);
  return main;
}

function Navigation({ route: { page }, canTry }: { route: Route; canTry: boolean }) {
  return (
    <nav aria-label="Pages">
      <a href={href({ page: "overview" })} aria-current={page === "overview" ? "page" : undefined}>
        Pull requests
      </a>
      {canTry && (
        <a
          href={href({ page: "try", selector: "", path: "" })}
          aria-current={page === "try" ? "page" : undefined}
        >
          Try it
        </a>
      )}
    </nav>
  );
}

function Link({ live: { link, since } }: { live: Live }) {
  return (
    <p class={`link link-${link}`} role="status">
      {link === "live" && (
        <>
          <Icon name="ready" />
          Live
        </>
      )}
      {link === "connecting" && "Connecting…"}
      {link === "lost" && (
        <>
          <Icon name="warning" />
          <span>
            Not connected{" "}
            <span class="dim" aria-hidden="true">
              for <Since at={since ?? 0} />
            </span>
          </span>
        </>
      )}
    </p>
  );
}

function Waiting({ live: { link } }: { live: Live }) {
  if (link !== "lost") return <p class="loading">Connecting to the engine…</p>;
  return (
    <div class="notice">
      <h1>Not connected</h1>
      <p>
        The engine does not answer. Is it running? <code>perch status</code> says so; <code>perch up</code>{" "}
        starts it. This page tries again by itself.
      </p>
    </div>
  );
}

function Page({ route, status }: { route: Route; status: StatusDocument }) {
  switch (route.page) {
    case "overview":
      return <Overview status={status} />;
    case "pull-request":
      return <Overview status={status} only={route.pr} />;
    case "variant":
      return (
        <VariantPage
          key={`${route.service} ${route.pr}`}
          status={status}
          service={route.service}
          pr={route.pr}
        />
      );
    case "try":
      return <TryPage status={status} selector={route.selector} path={route.path} />;
    case "unknown":
      return (
        <div class="notice">
          <h1>There is no such page</h1>
          <p>
            <a href={href({ page: "overview" })}>All pull requests</a>
          </p>
        </div>
      );
  }
}

function titleOf(route: Route): string {
  if (route.page === "variant")
    return route.pr === undefined ? `${route.service}, stable` : `${route.service}, PR ${route.pr}`;
  if (route.page === "pull-request") return `PR ${route.pr}`;
  return route.page === "try" ? "Try it" : "Pull requests";
}
