import type { Problem, StatusDocument } from "@perch/core";
import { Failure } from "../parts/failure.tsx";
import { href } from "../route.ts";
import { PullRequest } from "./pull-request.tsx";
import { StableServices } from "./stable.tsx";

/** Everything at a glance; or what there is of the pull requests of one number. */
export function Overview({ status, only }: { status: StatusDocument; only?: number }) {
  const shown = status.pullRequests
    .filter(({ number }) => only === undefined || number === only)
    .toReversed();
  return (
    <>
      <h1>{only === undefined ? "Pull requests" : `Pull request ${only}`}</h1>
      {only !== undefined && (
        <p>
          <a href={href({ page: "overview" })}>← All pull requests</a>
        </p>
      )}
      {only === undefined && <Problems problems={outsideCanaries(status)} />}
      <div class="cards">
        {shown.map((pullRequest) => (
          <PullRequest
            key={`${pullRequest.repo} ${pullRequest.number}`}
            pullRequest={pullRequest}
            status={status}
          />
        ))}
      </div>
      {shown.length === 0 && <Nothing status={status} only={only} />}
      {only === undefined && <StableServices status={status} />}
    </>
  );
}

/** A canary's own failures stand with it. */
function outsideCanaries({ problems, services }: StatusDocument): Problem[] {
  const ofCanaries = new Set(
    services.flatMap(({ canaries }) => canaries.map(({ failure }) => failure?.message)),
  );
  return problems.filter(({ message }) => !ofCanaries.has(message));
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <section aria-label="Problems">
      {problems.map((problem) => (
        <Failure
          key={problem.message}
          failure={problem}
          {...(problem.variant === undefined ? {} : { where: problem.variant })}
        />
      ))}
    </section>
  );
}

function Nothing({ status: { sources }, only }: { status: StatusDocument; only: number | undefined }) {
  if (only !== undefined) {
    return (
      <p class="notice">
        It is not open here: it was closed or merged, and everything of its canaries is gone.
      </p>
    );
  }
  return (
    <p class="notice">
      No pull request is open in {sources.map(({ repo }) => repo).join(", ")}. One that changes a service’s
      paths gets a canary.
    </p>
  );
}
