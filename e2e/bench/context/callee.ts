import { createServer } from "node:http2";
import { GetItemResponse } from "@shop/proto";

// What the api calls in place of the store: fixed answers at next to no cost. callee.ts <port>

const ITEM = GetItemResponse.encode(
  GetItemResponse.fromPartial({
    item: {
      id: "mug",
      name: "Mug",
      description: "Holds 300 ml.",
      priceCents: 1250,
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
    },
  }),
).finish();
/** `HealthCheckResponse { status: SERVING }` */
const SERVING = Uint8Array.of(8, 1);
const HEADERS = { ":status": 200, "content-type": "application/grpc+proto" };
const TRAILERS = { "grpc-status": "0", "x-canary-trail": '"store";pr=7;rev="ab12cd34ef56"' };

createServer()
  .on("stream", (stream, headers) => {
    const message = String(headers[":path"]).startsWith("/grpc.health") ? SERVING : ITEM;
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.on("wantTrailers", () => stream.sendTrailers(TRAILERS));
    stream.on("error", () => undefined);
    stream.respond(HEADERS, { waitForTrailers: true });
    stream.end(Buffer.concat([head, message]));
    stream.resume();
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
