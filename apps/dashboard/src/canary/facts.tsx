import type { ServiceStatus, StatusDocument, VariantStatus } from "@perch/core";
import type { ComponentChildren } from "preact";
import { isOfCluster } from "../canaries.ts";
import { Copy } from "../parts/copy.tsx";
import { Since } from "../parts/since.tsx";
import { State } from "../parts/state.tsx";

/** State, routes and process of one variant. */
export function Facts({ status, variant }: { status: StatusDocument; variant: VariantStatus }) {
  const { state, since, revision, address, pid, restarts, selector, shareLink } = variant;
  const service = status.services.find((one) => one.service === variant.service);
  return (
    <dl class="facts">
      <Fact name="State">
        <State state={state} /> for <Since at={since} />
      </Fact>
      <Fact name="Revision">
        <code>{revision}</code> <Copy text={revision} what="revision" />
      </Fact>
      {selector !== undefined && (
        <Fact name="Selector">
          <code>X-Canary: {selector}</code> <Copy text={selector} what="selector" />
        </Fact>
      )}
      {shareLink !== undefined && (
        <Fact name="Share link">
          <a href={shareLink} rel="noreferrer">
            {shareLink}
          </a>{" "}
          <Copy text={shareLink} what="share link" />
        </Fact>
      )}
      <Fact name="Routes">
        <Routes service={service} edgeUrl={status.edge.url} />
      </Fact>
      {!isOfCluster(status) && (
        <Fact name="Process">
          {pid === undefined ? "none runs" : `group ${pid}`}
          {address === undefined ? "" : ` at ${address}`}
          {restarts > 0 ? `, restarted ${restarts}×` : ""}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The ways on which requests come to a service; which variant answers, the selector says. */
function Routes({ service, edgeUrl }: { service: ServiceStatus | undefined; edgeUrl: string }) {
  if (service === undefined) return null;
  const { edge, apex, protocol } = service;
  return (
    <ul class="plain">
      {edge !== undefined && <li>edge {edgeUrl + edge} (and below)</li>}
      {apex !== undefined && (
        <li>
          other services’ calls ({protocol}) at {apex}
        </li>
      )}
    </ul>
  );
}
