import type { PullRequestStatus, StatusDocument, VariantStatus } from "@perch/core";
import { canariesOf, hasSeveralRepositories, isOfCluster } from "../canaries.ts";
import { Failure } from "../parts/failure.tsx";
import { Since } from "../parts/since.tsx";
import { State } from "../parts/state.tsx";
import { href } from "../route.ts";
import { plainText } from "../words.ts";

/** One pull request and its canaries. */
export function PullRequest({
  pullRequest,
  status,
}: {
  pullRequest: PullRequestStatus;
  status: StatusDocument;
}) {
  const { repo, number, title, skipped, head } = pullRequest;
  const id = `pr-${repo.replace(/\W/g, "-")}-${number}`;
  return (
    <article class="card" aria-labelledby={id}>
      <h2 id={id}>
        <a href={href({ page: "pull-request", pr: number })}>
          {hasSeveralRepositories(status) && <span class="repo">{repo}</span>}#{number}
        </a>{" "}
        {plainText(title)}
      </h2>
      {skipped !== undefined && (
        <p class="dim">
          No canary at <code>{head.slice(0, 12)}</code>. {skipped}
        </p>
      )}
      {canariesOf(status, pullRequest).map((canary) => (
        <Canary key={canary.service} canary={canary} canTry={!isOfCluster(status)} />
      ))}
    </article>
  );
}

function Canary({ canary, canTry }: { canary: VariantStatus; canTry: boolean }) {
  const { service, pr, state, since, revision, next, failure, shareLink, selector = "", restarts } = canary;
  return (
    <section class="canary" aria-label={`${service}, PR ${pr}`}>
      <div class="canary-line">
        <h3>
          <a href={href({ page: "variant", service, ...(pr === undefined ? {} : { pr }) })}>{service}</a>
        </h3>
        <State state={state} />
        {since > 0 && (
          <span class="dim">
            for <Since at={since} />
          </span>
        )}
        <code class="revision">{revision}</code>
        {restarts > 0 && <span class="dim">restarted {restarts}×</span>}
        <span class="actions">
          {canTry && (
            <a href={href({ page: "try", selector, path: "" })} aria-label={`Try it: ${service} of PR ${pr}`}>
              Try it
            </a>
          )}
          {shareLink !== undefined && (
            <a href={shareLink} rel="noreferrer" aria-label={`Open ${service} of PR ${pr} by its share link`}>
              Open
            </a>
          )}
        </span>
      </div>
      {next !== undefined && <Next next={next} serving={state === "ready" ? revision : undefined} />}
      {failure !== undefined && <Failure failure={failure} />}
    </section>
  );
}

/** What is on its way, and what serves meanwhile. */
export function Next({
  next,
  serving,
}: {
  next: NonNullable<VariantStatus["next"]>;
  serving: string | undefined;
}) {
  return (
    <p class="next">
      <span>Newer:</span> <code class="revision">{next.revision}</code> <State state={next.state} />
      {serving !== undefined && (
        <span class="dim">
          {" "}
          Until it is ready, <code>{serving}</code> serves.
        </span>
      )}
    </p>
  );
}
