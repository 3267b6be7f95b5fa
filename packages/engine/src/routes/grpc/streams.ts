import type { Http2Stream } from "node:http2";

/**
 * Ends a stream that its peer has closed with NO_ERROR before all was sent to it: Node waits for the rest to be taken,
 * which never happens, and the stream would not close.
 */
export function destroyWhenClosed(stream: Http2Stream): void {
  stream.once("end", () => {
    if (stream.closed) stream.destroy();
  });
}
