import type { TestEvent } from "node:test/reporters";
import { styleText } from "node:util";
import report from "../../../tools/test-reporter.ts";

/** Milliseconds; what takes less is not worth a line. */
const LONG = 1000;

/**
 * The test reporter, with the seconds of each story. Stories and failures are told as they end: files side by side report
 * passes and failures in the files' order, the first one's first.
 */
export default async function* reportStories(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type === "test:complete") yield* completed(event.data);
    else if (event.type !== "test:fail") yield* report(only(event));
  }
}

type Complete = Extract<TestEvent, { type: "test:complete" }>["data"];
type Fail = Extract<TestEvent, { type: "test:fail" }>["data"];

async function* completed(data: Complete): AsyncGenerator<string> {
  const { name, details, skip } = data;
  const isStory = details.type !== "suite" && skip === undefined && details.duration_ms > LONG;
  if (isStory && details.passed)
    yield `${styleText("green", "✓")} ${seconds(details.duration_ms)}  ${name}\n`;
  if (details.passed || details.error === undefined) return;
  yield* report(only({ type: "test:fail", data: data as Fail }));
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}

async function* only(event: TestEvent): AsyncGenerator<TestEvent> {
  yield event;
}
