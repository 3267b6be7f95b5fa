import { asksForCanaries } from "./gate.ts";

/** That a label was set, from the history of a pull request. */
export interface LabelEvent {
  /** Of the event: a label that is taken away and set again has a new one. */
  readonly id: number;
  readonly label: string;
  /** Login of who set it; absent: a bot, or an account that is gone. */
  readonly by?: string;
  /** Epoch milliseconds, by the host's clock. */
  readonly at: number;
}

/** What vouching depends on. */
export interface Vouching {
  readonly labels: readonly string[];
  readonly isFork: boolean;
  readonly head: string;
  /** Last push to the repository of its branch, epoch milliseconds, by the host's clock; absent: that repository is gone. */
  readonly pushedAt?: number;
  /** In the order in which they happened. */
  readonly events: readonly LabelEvent[];
  /** Logins with write access. */
  readonly writers: ReadonlySet<string>;
  /** By event: the head that it was found to hold for, at an earlier look. */
  readonly heldFor: ReadonlyMap<number, string>;
}

/** A label that somebody with write access vouches for, and the event that says so. */
export interface VouchedLabel {
  readonly label: string;
  readonly event: number;
}

/**
 * The labels that somebody with write access vouches for. Who labels a fork has seen its head of that moment, not what its author pushes
 * afterwards: there the label holds only if the fork was not pushed to since. The commits' own dates say nothing, their author writes
 * them; the host's time of the last push does. As that is of any branch of the fork, what was found once for a head stays so.
 */
export function vouchedLabels(vouching: Vouching): VouchedLabel[] {
  return vouching.labels.filter(asksForCanaries).flatMap((label) => {
    const event = vouching.events.findLast((one) => one.label === label);
    const isWriter = event?.by !== undefined && vouching.writers.has(event.by);
    return isWriter && holds(event, vouching) ? [{ label, event: event.id }] : [];
  });
}

function holds({ id, at }: LabelEvent, { isFork, head, pushedAt, heldFor }: Vouching): boolean {
  if (!isFork) return true;
  // Times are whole seconds: a push in the second of the label may have come after it.
  return heldFor.get(id) === head || (pushedAt !== undefined && pushedAt < at);
}
