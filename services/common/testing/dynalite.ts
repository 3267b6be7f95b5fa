import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

// The program of database.ts. dynalite's own command cannot listen on a port that the system chooses.
const require = createRequire(import.meta.url);
const dynalite: (options: { createTableMs: number }) => Server = require("dynalite");
const port = Number(process.argv[2]);
const server = dynalite({ createTableMs: 50 }).listen(port, "127.0.0.1", () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.once("disconnect", () => process.exit());
