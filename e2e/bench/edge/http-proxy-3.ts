import { Agent, createServer } from "node:http";
import { createProxyServer } from "http-proxy-3";

// http-proxy-3.ts <port> <back end, host:port>
const [port = "0", address = ""] = process.argv.slice(2);
const proxy = createProxyServer({
  target: `http://${address}`,
  xfwd: true,
  agent: new Agent({ keepAlive: true }),
});
createServer((req, res) => proxy.web(req, res)).listen(Number(port), "127.0.0.1");
