import type { TestEvent } from "node:test/reporters";
import { styleText } from "node:util";
import report, { type Fail, failuresAgain, isParentOfFailure } from "../../../tools/suite/reporter.ts";

/** Milliseconds; what takes less is not worth a line. */
const LONG = 1000;

/**
 * The test reporter, with the seconds of each story. Stories and failures are told as they end: files side by side report
 * passes and failures in the files' order, the first one's first.
 */
export default async function* reportStories(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Fail[] = [];
  for await (const event of source) {
    if (event.type === "test:complete") {
      yield passText(event.data);
      if (!isFail(event.data) || isParentOfFailure(event.data)) continue;
      failures.push(event.data);
      yield* report(only({ type: "test:fail", data: event.data }));
    } else if (event.type !== "test:fail") {
      if (event.type === "test:summary" && event.data.file === undefined) yield failuresAgain(failures);
      yield* report(only(event));
    }
  }
}

type Complete = Extract<TestEvent, { type: "test:complete" }>["data"];

function passText({ name, details, skip }: Complete): string {
  const isStory = details.type !== "suite" && skip === undefined && details.duration_ms > LONG;
  return isStory && details.passed
    ? `${styleText("green", "✓")} ${seconds(details.duration_ms)}  ${name}\n`
    : "";
}

function isFail(data: Complete): data is Complete & Fail {
  const { passed, error } = data.details;
  return !passed && error !== undefined;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}

async function* only(event: TestEvent): AsyncGenerator<TestEvent> {
  yield event;
}
