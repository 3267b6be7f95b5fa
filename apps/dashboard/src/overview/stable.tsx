import type { ServiceStatus, SourceStatus, StatusDocument } from "@perch/core";
import { Since } from "../parts/since.tsx";
import { State } from "../parts/state.tsx";
import { href } from "../route.ts";

/** What answers everybody without a selector. */
export function StableServices({ status }: { status: StatusDocument }) {
  return (
    <section aria-labelledby="stable">
      <h2 id="stable">Stable</h2>
      <div class="card">
        {status.services.map((service) => (
          <Stable key={service.service} service={service} edgeUrl={status.edge.url} />
        ))}
      </div>
      <ul class="sources dim">
        {status.sources.map((source) => (
          <Source key={source.repo} source={source} />
        ))}
      </ul>
    </section>
  );
}

function Stable({
  service: { service, stable, edge, apex },
  edgeUrl,
}: {
  service: ServiceStatus;
  edgeUrl: string;
}) {
  return (
    <section class="canary" aria-label={`${service}, stable`}>
      <div class="canary-line">
        <h3>
          <a href={href({ page: "variant", service })}>{service}</a>
        </h3>
        <State state={stable.state} />
        {stable.since > 0 && (
          <span class="dim">
            for <Since at={stable.since} />
          </span>
        )}
        <code class="revision">{stable.revision}</code>
        <span class="actions dim">
          {edge === undefined ? (
            `called at ${apex ?? "no address"}`
          ) : (
            <a href={edgeUrl + edge}>{edgeUrl + edge}</a>
          )}
        </span>
      </div>
    </section>
  );
}

function Source({ source: { repo, remote, lastSeen, error } }: { source: SourceStatus }) {
  return (
    <li>
      {repo} from {remote},{" "}
      {lastSeen === undefined ? (
        error === undefined ? (
          "being read"
        ) : (
          "never read"
        )
      ) : (
        <>
          read <Since at={lastSeen} ago />
        </>
      )}
    </li>
  );
}
