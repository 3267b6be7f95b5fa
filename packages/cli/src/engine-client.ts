import { PerchError, type PerchErrorData, type Status } from "@perch/core";
import { type EngineRecord, readEngineRecord } from "@perch/engine/state";

/** The engine of a state folder, as the commands see it: by its status API. */
export interface EngineClient {
  readonly record: EngineRecord;
  status(): Promise<Status>;
  /** A path of the API and its query, as JSON. @throws PerchError with what the engine answered */
  get<T>(path: string): Promise<T>;
  /** A path of the API as text, piece by piece. */
  stream(path: string): Promise<AsyncIterable<string>>;
  /** The status now and after each change, until the engine ends. */
  statuses(): AsyncIterable<Status>;
}

/** @throws PerchError ENGINE_NOT_RUNNING */
export async function connectEngine(stateDir: string): Promise<EngineClient> {
  const record = await readEngineRecord(stateDir);
  const base = record?.statusUrl;
  if (record === undefined || base === undefined) throw notRunning(stateDir);
  const get = async <T>(path: string): Promise<T> => (await (await call(base, path)).json()) as T;
  const stream = async (path: string) => textOf(await call(base, path));
  return { record, status: () => get<Status>("/api/status"), get, stream, statuses: () => statuses(stream) };
}

async function call(base: string, path: string): Promise<Response> {
  const response = await fetch(new URL(path, base)).catch((cause: unknown) => {
    throw new PerchError(
      {
        code: "ENGINE_NOT_RUNNING",
        message: `The engine does not answer at ${base}.`,
        hint: "If it just started or stops, try again; else look at engine.log in the state folder.",
        fault: "environment",
      },
      { cause },
    );
  });
  if (response.ok) return response;
  const error = (await response.json().catch(() => ({}))) as Partial<PerchErrorData>;
  throw new PerchError({
    code: error.code ?? "INTERNAL",
    message: error.message ?? `The engine answered ${response.status} to ${path}.`,
    hint: error.hint ?? "Please report it, with the engine's log.",
    fault: error.fault ?? "user",
  });
}

async function* textOf(response: Response): AsyncIterable<string> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) yield decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new PerchError(
      {
        code: "ENGINE_NOT_RUNNING",
        message: "The engine ended.",
        hint: "If nobody ended it, its last words are in engine.log and engine.out in the state folder.",
        fault: "environment",
      },
      { cause },
    );
  }
}

async function* statuses(stream: (path: string) => Promise<AsyncIterable<string>>): AsyncIterable<Status> {
  let buffered = "";
  for await (const text of await stream("/api/events")) {
    buffered += text;
    const events = buffered.split("\n\n");
    buffered = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data) as Status;
    }
  }
}

function notRunning(stateDir: string): PerchError {
  return new PerchError({
    code: "ENGINE_NOT_RUNNING",
    message: `No engine runs on the state folder ${stateDir}.`,
    hint: "Start one with `perch up`, or name its folder with --state-dir.",
    fault: "user",
  });
}
