import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What makes a browser listen for `findTarget`. */
export const LISTEN = "--remote-debugging-port=0";

/** A page of the browser that Playwright leaves alone: a popup over a toolbar, the developer tools and what is in them. */
export interface Target {
  readonly url: string;
  /** Evaluates an expression as if a person had just clicked; waits for a promise. */
  evaluate(expression: string): Promise<unknown>;
  /** Evaluates until the page is there and the answer is a truthy one. */
  until(expression: string): Promise<unknown>;
  /** Presses Control and a key, by its code in `KeyboardEvent` and its number in Windows. */
  pressControl(code: string, number: number): Promise<void>;
  /** Gives it a size in pixels, whatever that of its window is. */
  resize(width: number, height: number): Promise<void>;
  /** A PNG. */
  screenshot(): Promise<Buffer>;
  /** When the browser has closed it. */
  readonly ended: Promise<unknown>;
  close(): void;
}

/**
 * Waits for a target whose address has this in it.
 * @param profile of a browser that was started with `LISTEN`
 * @param again what is done before each look
 */
export async function findTarget(
  profile: string,
  part: string,
  again: () => Promise<void> = async () => {},
): Promise<Target> {
  const port = (await readFile(join(profile, "DevToolsActivePort"), "utf8")).split("\n", 1)[0];
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
    await again();
    const listed = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as Listed[];
    const found = listed.find(({ url }) => url.includes(part));
    if (found !== undefined) return attach(found);
  }
  throw new Error(`The browser shows nothing at ${part}.`);
}

interface Listed {
  readonly url: string;
  readonly webSocketDebuggerUrl: string;
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

async function attach({ url, webSocketDebuggerUrl }: Listed): Promise<Target> {
  const socket = new WebSocket(webSocketDebuggerUrl);
  await once(socket, "open");
  const ended = once(socket, "close");
  const send = sender(socket);
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails: wrong } = (await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as Evaluated;
    if (wrong !== undefined) throw new Error(wrong.exception?.description ?? wrong.text);
    return result.value;
  };
  return {
    url,
    evaluate,
    until: async (expression) => {
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
        const value = await evaluate(`document.body !== null && (${expression})`);
        if (value) return value;
      }
      throw new Error(`At ${url} this never became true: ${expression}. It shows: ${await evaluate(SHOWN)}`);
    },
    pressControl: async (code, number) => {
      for (const type of ["rawKeyDown", "keyUp"])
        await send("Input.dispatchKeyEvent", { type, modifiers: 2, code, windowsVirtualKeyCode: number });
    },
    resize: async (width, height) => {
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
    },
    screenshot: async () => {
      const { data } = (await send("Page.captureScreenshot", {})) as { data: string };
      return Buffer.from(data, "base64");
    },
    ended,
    close: () => socket.close(),
  };
}

const SHOWN = "document.body.innerText.slice(0, 500)";

type Send = (method: string, params: object) => Promise<unknown>;

/** Commands and their answers, told apart by a number. */
function sender(socket: WebSocket): Send {
  let last = 0;
  const waiting = new Map<number, (message: Answer) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Answer;
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  socket.addEventListener("close", () => {
    for (const [id, answer] of waiting) answer({ id, error: { message: "the target is gone" } });
  });
  return async (method, params) => {
    last += 1;
    const id = last;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
