import proxy from "@fastify/http-proxy";
import { fastify } from "fastify";

// fastify-http-proxy.ts <port> <back end, host:port>
const [port = "0", address = ""] = process.argv.slice(2);
const server = fastify();
await server.register(proxy, { upstream: `http://${address}` });
await server.listen({ port: Number(port), host: "127.0.0.1" });
