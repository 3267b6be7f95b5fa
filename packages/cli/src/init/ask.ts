import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { type Discovery, PerchError, type Question, questionsOf } from "@perch/core";

/** Where questions are asked: a terminal, or what stands for one. */
export interface Asker {
  ask(question: string): Promise<string>;
}

/** Asks on the terminal; Ctrl-C and the end of input end the command, and nothing is written. */
export async function askOnTerminal(discovery: Discovery): Promise<Discovery> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = once(lines, "close").then(() => {
    throw ended();
  });
  closed.catch(() => undefined);
  try {
    return await Promise.race([askAll(discovery, { ask: (question) => lines.question(question) }), closed]);
  } finally {
    lines.close();
  }
}

/** The discovery with an answer to each of its questions; an empty line takes the default. */
export async function askAll(discovery: Discovery, asker: Asker): Promise<Discovery> {
  let answered = discovery;
  for (const question of questionsOf(discovery)) answered = await askOne(answered, question, asker);
  return answered;
}

async function askOne(discovery: Discovery, question: Question, asker: Asker): Promise<Discovery> {
  const choices = question.choices === undefined ? "" : ` (${question.choices.join(", ")})`;
  for (;;) {
    const line = (await asker.ask(`${question.text}${choices} [${question.otherwise}] `)).trim();
    const answered = question.answer(discovery, line === "" ? question.otherwise : line);
    if (answered !== undefined) return answered;
  }
}

function ended(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "Nothing was written: the questions were not answered.",
    hint: "`perch init --yes` asks nothing.",
    fault: "user",
  });
}
