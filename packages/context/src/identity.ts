import { isPrNumber, isServiceName, MAX_PR_NUMBER } from "@perch/header";

/** Who this process is: what its hop in the trail says. */
export interface Identity {
  /** The service's name, as routes and selectors use it. */
  readonly service: string;
  /** The PR whose canary this is; absent: stable. */
  readonly pr?: number;
  /** What runs: 12 hex digits of the commit, or stable's image tag. */
  readonly revision?: string;
}

/** The environment variables that both engines set. */
type Environment = Readonly<Record<string, string | undefined>>;

/** No leading zero: `Number` alone would take one, and white space too. */
const DIGITS = /^[1-9][0-9]*$/;
/** The grammar of an image tag, which includes every form of a commit. */
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads the identity from `CANARY_SERVICE`, `CANARY_PR` and `CANARY_REVISION`. An empty variable counts as absent,
 * because stable's manifests set `CANARY_PR` to nothing.
 *
 * @throws Error that lists every variable that is missing or malformed, and what it should be.
 */
export function identityFromEnv(env: Environment = process.env): Identity {
  const pr = env.CANARY_PR || undefined;
  const revision = env.CANARY_REVISION || undefined;
  const problems = [
    serviceProblem(env.CANARY_SERVICE || undefined, "CANARY_SERVICE"),
    pr !== undefined &&
      !(DIGITS.test(pr) && isPrNumber(Number(pr))) &&
      `CANARY_PR ${PR_RULE}; leave it empty for stable`,
    revision !== undefined && !REVISION.test(revision) && `CANARY_REVISION ${REVISION_RULE}`,
  ].filter((problem) => typeof problem === "string");
  if (problems.length > 0) throw identityError("the environment does not say", problems);
  return {
    service: String(env.CANARY_SERVICE),
    ...(pr === undefined ? {} : { pr: Number(pr) }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/**
 * Returns the identity unchanged, or refuses one that could not be sent in a trail. Adapters call it once, when they
 * are set up, so that no request can fail on it.
 *
 * @throws Error that lists everything that is malformed.
 */
export function checkedIdentity(identity: Identity): Identity {
  const { pr, revision } = identity;
  const problems = [
    serviceProblem(identity.service, "identity.service"),
    pr !== undefined && !isPrNumber(pr) && `identity.pr ${PR_RULE}; leave it out for stable`,
    revision !== undefined && !REVISION.test(revision) && `identity.revision ${REVISION_RULE}`,
  ].filter((problem) => typeof problem === "string");
  if (problems.length > 0) throw identityError("the options do not say", problems);
  return identity;
}

/**
 * Returns the name unchanged, or refuses one that is not a service's.
 *
 * @throws Error that says where the name was given and what it should be.
 */
export function checkedService(service: string, where: string): string {
  const problem = serviceProblem(service, where);
  if (problem !== undefined) throw new Error(`perch: ${problem}`);
  return service;
}

const PR_RULE = `must be a pull request's number, from 1 to ${MAX_PR_NUMBER} without a leading zero`;
const REVISION_RULE =
  "must be a commit or an image tag: letters, digits, '.', '_' and '-', at most 128 characters";
const SERVICE_RULE =
  "lower-case letters, digits and '-', starting with a letter, at most 40 characters, without '-canary-pr-'";

function serviceProblem(service: string | undefined, where: string): string | undefined {
  if (service === undefined) return `${where} is missing: set it to the service's name (${SERVICE_RULE})`;
  return isServiceName(service) ? undefined : `${where} must be a service's name: ${SERVICE_RULE}`;
}

function identityError(what: string, problems: readonly string[]): Error {
  return new Error(
    `perch: ${what} who this service is:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
  );
}
