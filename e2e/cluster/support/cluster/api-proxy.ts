import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";

/** The API server's API on loopback, without TLS, as whoever the kubeconfig is of. */
export interface ApiProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** `kubectl proxy` at a free port. */
export async function startProxy(kubectl: string, kubeconfig: string): Promise<ApiProxy> {
  const proxy = execa(kubectl, [`--kubeconfig=${kubeconfig}`, "proxy", "--port=0"], { reject: false });
  const lines = createInterface({ input: proxy.stdout });
  // "Starting to serve on 127.0.0.1:<port>"
  const [line] = (await Promise.race([once(lines, "line"), proxy.then(({ stderr }) => [stderr])])) as [
    string,
  ];
  const port = /:(\d+)$/.exec(line)?.[1];
  if (port === undefined) throw new Error(`kubectl proxy did not start: ${line}`);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      proxy.kill();
      await proxy;
    },
  };
}
