import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { request } from "undici";

/** Reads the API server by one connection: a kubectl for each look would take the processor from what is looked at. */
export interface Reader {
  /** The object or list at a path, such as `/api/v1/namespaces`; undefined: there is none. */
  read(path: string): Promise<unknown>;
  /** Names in the list at a path. */
  names(path: string): Promise<string[]>;
  close(): Promise<void>;
}

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

/** Lists without what is in the objects. */
const ONLY_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** A reader that starts its `kubectl proxy` at the first look. */
export function readerOf(kubectl: string, kubeconfig: string): Reader {
  let opening: ReturnType<typeof startProxy> | undefined;
  let isClosed = false;
  const get = async (path: string, accept: string): Promise<unknown> => {
    // Another proxy would keep this process running for ever.
    if (isClosed) throw new Error(`${path} is read after the cluster was closed`);
    opening ??= startProxy(kubectl, kubeconfig);
    const { url } = await opening;
    const { statusCode, body } = await request(`${url}${path}`, { headers: { accept } });
    if (statusCode === 404) {
      await body.dump();
      return undefined;
    }
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${await body.text()}`);
    return body.json();
  };
  return {
    read: (path) => get(path, "application/json"),
    names: async (path) => {
      const list = (await get(path, ONLY_METADATA)) as Listed | undefined;
      return (list?.items ?? []).map(({ metadata }) => metadata.name);
    },
    close: async () => {
      isClosed = true;
      await (await opening)?.close();
    },
  };
}

async function startProxy(
  kubectl: string,
  kubeconfig: string,
): Promise<{ url: string; close(): Promise<void> }> {
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
