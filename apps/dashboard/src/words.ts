import type { Outcome } from "@perch/core";

/** How a state is shown: never by colour alone. */
export interface StateWords {
  readonly icon: "ready" | "working" | "failed" | "asleep" | "leaving";
  readonly word: string;
}

const STATES: Readonly<Record<string, StateWords>> = {
  queued: { icon: "working", word: "Queued" },
  preparing: { icon: "working", word: "Preparing" },
  installing: { icon: "working", word: "Installing" },
  building: { icon: "working", word: "Building" },
  starting: { icon: "working", word: "Starting" },
  ready: { icon: "ready", word: "Ready" },
  failed: { icon: "failed", word: "Failed" },
  draining: { icon: "leaving", word: "Draining" },
  stopping: { icon: "leaving", word: "Stopping" },
  asleep: { icon: "asleep", word: "Asleep" },
  sleeping: { icon: "asleep", word: "Asleep" },
  waking: { icon: "working", word: "Waking" },
};

/** A state that this page does not know, from a newer engine, shows as it is. */
export function stateWords(state: string): StateWords {
  return STATES[state] ?? { icon: "working", word: state };
}

const OUTCOMES: Readonly<Record<Outcome, StateWords>> = {
  pass: { icon: "ready", word: "No worse than stable" },
  fail: { icon: "failed", word: "Worse than stable" },
  inconclusive: { icon: "working", word: "Too few requests to tell" },
};

/** What the engine makes of a canary's measurements. */
export function outcomeWords(outcome: Outcome): StateWords {
  return OUTCOMES[outcome];
}

/** `8 s`, `3 min`, `2 h`, `5 d`: one unit is enough at a glance. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** `PR 7`, or `stable`. */
export function variantWord(pr: number | undefined): string {
  return pr === undefined ? "stable" : `PR ${pr}`;
}

const FAULTS: Readonly<Record<string, string>> = {
  user: "Yours to mend",
  "pull-request": "The pull request's author can mend it",
  environment: "This machine's or the environment's",
  perch: "A bug in perch",
};

/** Who can mend an error. */
export function faultWords(fault: string): string {
  return FAULTS[fault] ?? fault;
}

/** Log lines come from what runs: colours and other control characters go. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}\[[0-9;?]*[A-Za-z]/gu, "").replace(/[^\P{Cc}\t\n]/gu, "");
}
