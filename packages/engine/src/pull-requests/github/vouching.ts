import { asksForCanaries, type LabelEvent, needsVouching, vouchedLabels } from "@perch/core";
import type { Mirror } from "../git/index.ts";
import { VOUCHED_REFS } from "../git/refs.ts";
import type { Api } from "./api.ts";
import { lyingAnswer } from "./failure.ts";
import { type ListedPullRequest, parseLabelEvent, parseMayWrite } from "./parse.ts";

/** Finds out which labels somebody with write access vouches for. */
export interface Vouching {
  /** Nothing is asked for a pull request whose labels count whoever set them. */
  vouched(pullRequest: ListedPullRequest): Promise<string[]>;
  /** Ends a look at all pull requests of these numbers: what concerns others is forgotten. */
  lookEnded(numbers: ReadonlySet<number>): Promise<void>;
}

interface Evidence {
  /** What GitHub changes when anything happens to the pull request. */
  readonly of: string;
  readonly events: readonly LabelEvent[];
  readonly writers: ReadonlySet<string>;
}

/** Of the mirror: a restart keeps them. */
const HELD = VOUCHED_REFS.slice(0, -1);

export function startVouching(repo: string, api: Api, mirror: Mirror): Vouching {
  const known = new Map<number, Evidence>();

  async function evidenceOf(pullRequest: ListedPullRequest): Promise<Evidence> {
    const { number, labels, head, updatedAt } = pullRequest;
    const of = JSON.stringify([updatedAt, labels, head]);
    const before = known.get(number);
    if (before?.of === of) return before;
    const history = await api.list(`/issues/${number}/events`, `who labelled pull request ${number}`);
    const events = history.map(parseLabelEvent).filter((event) => event !== undefined);
    const evidence = { of, events, writers: await writersAmong(events) };
    // The history may lag behind the list: then it is asked again at the next look.
    const isWhole = labels.every((label) => !asksForCanaries(label) || events.some((e) => e.label === label));
    if (isWhole) known.set(number, evidence);
    return evidence;
  }

  async function writersAmong(events: readonly LabelEvent[]): Promise<Set<string>> {
    const logins = events.filter(({ label }) => asksForCanaries(label)).flatMap(({ by }) => by ?? []);
    const writers = new Set<string>();
    for (const login of new Set(logins)) {
      const path = `/collaborators/${encodeURIComponent(login)}/permission`;
      const mayWrite = parseMayWrite(await api.get(path, `whether ${login} has write access`));
      if (mayWrite === undefined) throw lyingAnswer(repo, `the permission of ${login} is none that is known`);
      if (mayWrite) writers.add(login);
    }
    return writers;
  }

  return {
    vouched: async (pullRequest) => {
      if (!needsVouching(pullRequest)) return [];
      const { number, head } = pullRequest;
      const folder = `${HELD}/${number}`;
      const held = [...(await mirror.refs(folder))].map(([ref, commit]) => [Number(ref), commit] as const);
      const evidence = await evidenceOf(pullRequest);
      const labels = vouchedLabels({ ...pullRequest, ...evidence, heldFor: new Map(held) });
      const events = new Set(labels.map(({ event }) => event));
      for (const event of events)
        if (!held.some(([id]) => id === event)) await mirror.setRef(`${folder}/${event}`, head);
      return labels.map(({ label }) => label);
    },
    lookEnded: async (numbers) => {
      for (const number of known.keys()) if (!numbers.has(number)) known.delete(number);
      for (const ref of (await mirror.refs(HELD)).keys())
        if (!numbers.has(Number(ref.split("/")[0]))) await mirror.deleteRef(`${HELD}/${ref}`);
    },
  };
}
