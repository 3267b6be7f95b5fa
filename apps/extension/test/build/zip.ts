import { inflateRawSync } from "node:zlib";

/** A file in a zip. */
export interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

const END = 0x06054b50;
const HEADER = 0x02014b50;

/** Reads a zip by its directory, as PKWARE's APPNOTE has it; stored and deflated files alone. */
export function readZip(zip: Buffer): Entry[] {
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== END) end -= 1;
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== HEADER) throw new Error(`No file's header is at byte ${at}.`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    );
    const name = zip.toString("utf8", at + 46, at + 46 + (nameLength ?? 0));
    entries.push({ name, content: contentAt(zip, at) });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}

function contentAt(zip: Buffer, at: number): Buffer {
  const [method, size, local] = [
    zip.readUInt16LE(at + 10),
    zip.readUInt32LE(at + 20),
    zip.readUInt32LE(at + 42),
  ];
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(start, start + size);
  return method === 0 ? bytes : inflateRawSync(bytes);
}
