import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";

/** A picture that is replaced by its next version: in place on a terminal, below it elsewhere. */
export interface Screen {
  show(text: string): void;
  /** Leaves the last picture where it is. */
  done(): void;
}

/** Whether pictures can be replaced in place. Some terminals of CI systems say that they have no rows: nothing would show there. */
export function canRedraw({ isTTY, rows }: Pick<WriteStream, "isTTY" | "rows">): boolean {
  return isTTY === true && rows !== 0;
}

export function createScreen(stream: WriteStream | NodeJS.WriteStream): Screen {
  if (!canRedraw(stream)) return { show: (text) => void stream.write(text), done: () => undefined };
  const update = createLogUpdate(stream);
  return { show: (text) => update(text), done: () => update.done() };
}
