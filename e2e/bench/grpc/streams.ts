import { connect } from "node:http2";

/** Bytes of one message of the back end's stream. */
export const MESSAGE = 64 * 1024;
/** Messages of one stream. */
export const MESSAGES = 400;

/** Reads so many server streams at once over one connection; resolves to the megabytes that came. */
export async function readStreams(port: number, count: number): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 1024 * 1024 } });
  session.once("connect", () => session.setLocalWindowSize(16 * 1024 * 1024));
  // The streams fail with it, and say so.
  session.on("error", () => undefined);
  try {
    const sizes = await Promise.all(Array.from({ length: count }, () => readOne(session)));
    return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  } finally {
    session.close();
  }
}

function readOne(session: ReturnType<typeof connect>): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/store.v1.StoreService/ExportItems",
      "content-type": "application/grpc",
      te: "trailers",
      "x-canary": "store=7",
    });
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
    });
    stream.once("error", reject);
    stream.once("close", () => {
      const wanted = MESSAGES * (MESSAGE + 5);
      if (size === wanted) resolve(size);
      else reject(new Error(`A stream ended after ${size} of ${wanted} bytes.`));
    });
    stream.end(Buffer.alloc(5));
  });
}
