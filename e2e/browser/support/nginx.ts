import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fromDebian } from "../../support/debian.ts";

/** A web server that runs. */
export interface Nginx {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs nginx with a server's block that listens on 8080: it gets a free port in its place. */
export async function startNginx(block: string): Promise<Nginx> {
  const program = await fromDebian("nginx");
  const folder = await mkdtemp(join(tmpdir(), "perch-nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const types = "types { text/html html; text/css css; text/javascript js; }";
  const server = block.replace("listen 8080;", `listen 127.0.0.1:${port};`);
  await writeFile(
    join(folder, "nginx.conf"),
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; error_log stderr; pid ${join(folder, "pid")};
events {}
http { access_log off; ${types} ${temporary.join(" ")} ${server} }`,
  );
  const child = spawn(program, ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(url).then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
    await sleep(50);
  }
  return {
    url,
    close: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
