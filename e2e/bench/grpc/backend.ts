import { createServer, type ServerHttp2Stream } from "node:http2";
import { MESSAGE, MESSAGES } from "./streams.ts";

// A back end that costs little: one small answer to a unary call, a long stream of large messages to ExportItems.
// backend.ts <port>

const HEADERS = { ":status": 200, "content-type": "application/grpc" };
const SMALL = framed(100);
const LARGE = framed(MESSAGE);

function framed(length: number): Buffer {
  const message = Buffer.alloc(5 + length);
  message.writeUInt32BE(length, 1);
  return message;
}

function stream(call: ServerHttp2Stream): void {
  let left = MESSAGES;
  const write = () => {
    while (left > 0) {
      left -= 1;
      if (!call.write(LARGE)) {
        call.once("drain", write);
        return;
      }
    }
    call.end();
  };
  write();
}

createServer({ settings: { maxConcurrentStreams: 1000 } })
  .on("stream", (call, headers) => {
    call.on("error", () => undefined);
    call.on("wantTrailers", () => call.sendTrailers({ "grpc-status": "0" }));
    call.respond(HEADERS, { waitForTrailers: true });
    call.resume();
    if (headers[":path"] === "/store.v1.StoreService/ExportItems") stream(call);
    else call.end(SMALL);
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
