import type { StatusDocument, VariantStatus } from "@perch/core";
import { findVariant, isOfCluster } from "../canaries.ts";
import { Compare } from "../compare/compare.tsx";
import { curlLines } from "../curl.ts";
import { Next } from "../overview/pull-request.tsx";
import { CopyLine } from "../parts/copy.tsx";
import { Failure } from "../parts/failure.tsx";
import { VariantMark } from "../parts/state.tsx";
import { href } from "../route.ts";
import { plainText, variantWord } from "../words.ts";
import { Facts } from "./facts.tsx";
import { Log } from "./log.tsx";
import { Timeline } from "./timeline.tsx";

interface VariantProps {
  readonly status: StatusDocument;
  readonly service: string;
  readonly pr: number | undefined;
}

/** All there is about one canary, or about a service's stable. */
export function VariantPage({ status, service, pr }: VariantProps) {
  const variant = findVariant(status, service, pr);
  const title = status.pullRequests.find(
    ({ number, services }) => number === pr && services.includes(service),
  )?.title;
  return (
    <>
      <p class="crumbs">
        <a href={href({ page: "overview" })}>← All pull requests</a>
        {pr !== undefined && <a href={href({ page: "pull-request", pr })}>PR {pr}</a>}
        {pr !== undefined && <a href={href({ page: "variant", service })}>Stable {service}</a>}
      </p>
      <h1>
        {service} <VariantMark pr={pr} />
      </h1>
      {title !== undefined && <p class="lead">{plainText(title)}</p>}
      {variant === undefined ? (
        <Gone service={service} pr={pr} />
      ) : (
        <Details status={status} variant={variant} />
      )}
    </>
  );
}

function Gone({ service, pr }: { service: string; pr: number | undefined }) {
  return (
    <p class="notice">
      {pr === undefined
        ? `perch.yaml has no service ${service}.`
        : `${service} has no canary of PR ${pr}: the pull request was closed or merged, or it does not change this service. A request that asks for it is served by stable.`}
    </p>
  );
}

function Details({ status, variant }: { status: StatusDocument; variant: VariantStatus }) {
  const { service, pr, next, failure, state, revision, selector = "" } = variant;
  return (
    <>
      {next !== undefined && <Next next={next} serving={state === "ready" ? revision : undefined} />}
      {failure !== undefined && <Failure failure={failure} />}
      <div class="columns">
        <section class="card" aria-labelledby="facts">
          <h2 id="facts">Now</h2>
          <Facts status={status} variant={variant} />
        </section>
        <section class="card" aria-labelledby="reach">
          <h2 id="reach">Reach it</h2>
          {curlLines(status.edge, variant).map(({ what, line }) => (
            <div key={what}>
              <p class="label">{what}</p>
              <CopyLine text={line} what={`curl, ${what.toLowerCase()}`} />
            </div>
          ))}
          {!isOfCluster(status) && (
            <p>
              <a class="button" href={href({ page: "try", selector, path: "" })}>
                Try it here
              </a>
            </p>
          )}
        </section>
      </div>
      {!isOfCluster(status) && <Comparison service={service} pr={pr} />}
      <section class="card" aria-labelledby="timeline">
        <h2 id="timeline">Timeline</h2>
        <Timeline variant={variant} />
      </section>
      {!isOfCluster(status) && <LogOf service={service} pr={pr} />}
    </>
  );
}

interface OfVariant {
  readonly service: string;
  readonly pr: number | undefined;
}

function Comparison({ service, pr }: OfVariant) {
  return (
    <section class="card" aria-labelledby="compare">
      <h2 id="compare">
        {pr === undefined ? "Stable and its canaries" : `Stable against ${variantWord(pr)}`}
      </h2>
      <Compare service={service} pr={pr} />
    </section>
  );
}

function LogOf({ service, pr }: OfVariant) {
  return (
    <section class="card" aria-labelledby="log">
      <h2 id="log">Log</h2>
      <Log service={service} pr={pr} />
    </section>
  );
}
