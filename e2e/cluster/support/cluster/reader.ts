import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { startProxy } from "./api-proxy.ts";

/** Reads the API server by one connection: a kubectl for each look would take the processor from what is looked at. */
export interface Reader {
  /** The object or list at a path, such as `/api/v1/namespaces`; undefined: there is none. */
  read(path: string): Promise<unknown>;
  /** Names in the list at a path. */
  names(path: string): Promise<string[]>;
  close(): Promise<void>;
}

/** An API server that has no time now. https://kubernetes.io/docs/reference/using-api/api-concepts */
const BUSY = [429, 503, 504];
const MOST_LOOKS = 10;
/** Milliseconds. */
const PAUSE = 1000;

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
    const look = () => request(`${url}${path}`, { headers: { accept } });
    let { statusCode, body } = await look();
    for (let again = 0; BUSY.includes(statusCode) && again < MOST_LOOKS; again += 1) {
      await body.dump();
      await sleep(PAUSE);
      ({ statusCode, body } = await look());
    }
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
