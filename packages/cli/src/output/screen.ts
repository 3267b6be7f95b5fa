import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";

/** A picture that is replaced by its next version: in place on a terminal, below it elsewhere. */
export interface Screen {
  show(text: string): void;
  /** Leaves the last picture where it is. */
  done(): void;
}

export function createScreen(stream: WriteStream | NodeJS.WriteStream): Screen {
  if (!stream.isTTY) return { show: (text) => void stream.write(text), done: () => undefined };
  const update = createLogUpdate(stream);
  return { show: (text) => update(text), done: () => update.done() };
}
