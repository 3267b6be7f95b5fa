import { createServer } from "node:http";
import { Pool } from "undici";

// The least that a forwarder on undici can do: no routing, no rewriting, no care for errors. What it costs is the floor.
// bare-undici.ts <port> <back end, host:port>
const [port = "0", address = ""] = process.argv.slice(2);
const pool = new Pool(`http://${address}`, { pipelining: 1 });

createServer((req, res) => {
  pool.dispatch(
    { method: "GET", path: req.url ?? "/", headers: req.rawHeaders },
    {
      onRequestStart() {},
      onResponseStart({ rawHeaders }, status) {
        const lines = Array.isArray(rawHeaders) ? rawHeaders.map(String) : [];
        res.writeHead(status, lines);
      },
      onResponseData(_controller, chunk) {
        res.write(chunk);
      },
      onResponseEnd() {
        res.end();
      },
      onResponseError() {
        res.destroy();
      },
    },
  );
}).listen(Number(port), "127.0.0.1");
