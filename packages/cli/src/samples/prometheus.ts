import { type Histogram, PerchError, type Sample, type Samples } from "@perch/core";

/**
 * Where samples of a cluster are: a Prometheus that has the rules of `manifests/observability`, or others that record the same three
 * series.
 */
export interface Prometheus {
  /** Root of its HTTP API, as Prometheus' own `--web.external-url`. A user name and a password in it are sent as Basic authorization. */
  readonly url: URL;
  /** Sent as a bearer token. Not beside a user name. */
  readonly token?: string;
}

/** Milliseconds for one query. */
const TIMEOUT = 30_000;

/**
 * What a Prometheus recorded of a service in the last so many seconds. Each point of the three series is the increase of one minute.
 * @param service a name that perch.yaml allows, which needs no quoting.
 * @throws PerchError PROMETHEUS_FAILED, and USAGE for a login that cannot be sent
 */
export async function prometheusSamples(
  from: Prometheus,
  service: string,
  seconds: number,
): Promise<Samples> {
  const sum = (series: string, by: string) =>
    query(
      from,
      `sum by (${by}) (sum_over_time(perch:${series}:increase1m{service="${service}"}[${seconds}s]))`,
    );
  const [requests, errors, buckets] = await Promise.all([
    sum("requests", "canary_pr"),
    sum("errors", "canary_pr"),
    sum("duration_seconds_bucket", "canary_pr, le"),
  ]);
  const errorsOf = new Map(errors.map(({ pr, value }) => [pr, value]));
  const bucketsOf = Map.groupBy(buckets, ({ pr }) => pr);
  return new Map(
    requests.map(({ pr, value }): [number | undefined, Sample] => [
      pr,
      {
        requests: value,
        errors: errorsOf.get(pr) ?? 0,
        durations: histogramOf(bucketsOf.get(pr) ?? []),
      },
    ]),
  );
}

/** One element of an answer. */
interface Element {
  /** Absent: stable. */
  readonly pr: number | undefined;
  readonly le: number;
  readonly value: number;
}

async function query(from: Prometheus, expression: string): Promise<Element[]> {
  const address = addressOf(from);
  const target = new URL("api/v1/query", address.endsWith("/") ? address : `${address}/`);
  target.searchParams.set("query", expression);
  const request = { headers: authorizationOf(from), signal: AbortSignal.timeout(TIMEOUT) };
  // Its text too may not come to its end in time.
  const asked = fetch(target, request).then(async (response) => ({ response, text: await response.text() }));
  const { response, text } = await asked.catch((cause: unknown) => {
    throw failed(
      `Prometheus at ${address} does not answer.`,
      "Is the address right, and reachable from here?",
      cause,
    );
  });
  const answer = parse(text);
  if (!response.ok || !isVector(answer)) {
    const said = typeof answer?.error === "string" ? answer.error : text.slice(0, 200);
    throw failed(
      `Prometheus at ${address} answered ${response.status} to a query: ${JSON.stringify(said)}.`,
      response.status === 401 || response.status === 403
        ? "Set PERCH_PROMETHEUS_TOKEN to a token that may query, or have a user name and its password in the address."
        : "It must be the root of Prometheus' own HTTP API, or of something that has the same.",
    );
  }
  return answer.data.result.flatMap(elementOf);
}

/** What may be shown of it: a password in it may not, and fetch takes none there. */
function addressOf({ url }: Prometheus): string {
  return `${url.origin}${url.pathname}`;
}

function authorizationOf(from: Prometheus): { readonly authorization?: string } {
  const { url, token } = from;
  if (url.username === "" && url.password === "")
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (token !== undefined)
    throw unusable(
      `There are two logins for Prometheus at ${addressOf(from)}: PERCH_PROMETHEUS_TOKEN, and a user name in the address.`,
      "Take one away.",
    );
  const login = `${decoded(url.username, from)}:${decoded(url.password, from)}`;
  return { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
}

function decoded(text: string, from: Prometheus): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unusable(
      `The user name or the password in the address of Prometheus at ${addressOf(from)} has a % that encodes nothing.`,
      "Write %25 for a % in it, and other signs that a URL cannot have there in the same way.",
    );
  }
}

function unusable(message: string, hint: string): PerchError {
  return new PerchError({ code: "USAGE", message, hint, fault: "user" });
}

function isVector(
  answer: Answer | undefined,
): answer is Answer & { readonly data: { readonly result: Result[] } } {
  const { status, data } = answer ?? {};
  return status === "success" && data?.resultType === "vector" && Array.isArray(data.result);
}

/** As much as is read of an answer (https://prometheus.io/docs/prometheus/latest/querying/api/). */
interface Answer {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown };
}

interface Result {
  readonly metric?: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}

/** Nothing for a series that is not one of perch's: an odd number of a pull request, or no number for a value. */
function elementOf(result: Result | null): Element[] {
  const { metric = {}, value } = result ?? {};
  const number = Number(value?.[1]);
  const written = metric.canary_pr ?? "";
  if (!(number >= 0) || !/^(?:|[1-9][0-9]{0,9})$/.test(written)) return [];
  const le = metric.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(metric.le);
  return [{ pr: written === "" ? undefined : Number(written), le, value: number }];
}

/** Prometheus counts in each bucket what is in those below as well, and in seconds. */
function histogramOf(buckets: readonly Element[]): Histogram {
  const sorted = buckets.filter(({ le }) => !Number.isNaN(le)).sort((a, b) => a.le - b.le);
  const counts = sorted.map(({ value }, index) => Math.max(0, value - (sorted[index - 1]?.value ?? 0)));
  const bounds = sorted.filter(({ le }) => Number.isFinite(le)).map(({ le }) => le * 1_000);
  if (counts.length === bounds.length) counts.push(0);
  return { bounds, counts };
}

function failed(message: string, hint: string, cause?: unknown): PerchError {
  return new PerchError({ code: "PROMETHEUS_FAILED", message, hint, fault: "environment" }, { cause });
}
