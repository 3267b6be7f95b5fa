import { isReservedVariable } from "../config/environment-rules.ts";
import { ENV_NAME_PATTERN } from "../config/scalars.ts";
import { shown } from "./names.ts";

/** What becomes of the variables that files give to a service. */
export interface Variables {
  /** Variable → service; the engine sets it to `host:port`. */
  readonly calls: Map<string, string>;
  /** Variable → text for a shell's double quotes, computed from those. */
  readonly exports: Map<string, string>;
  readonly env: Map<string, string>;
  readonly doubts: string[];
}

export interface Caller {
  readonly name: string;
  readonly env: ReadonlyMap<string, string>;
  readonly needs: readonly string[];
  readonly ports: readonly number[];
  readonly usesDynamodb: boolean;
}

export interface Neighbours {
  /** Service by each of the names that files use for it. */
  readonly services: ReadonlyMap<string, string>;
  /** Names of what runs elsewhere: databases, caches. */
  readonly images: ReadonlyMap<string, string>;
}

const ENV_NAME = new RegExp(ENV_NAME_PATTERN);
const ADDRESS =
  /^(?:([a-z][a-z+]{1,10}):\/\/\/?)?([A-Za-z0-9][\w-]*)((?:\.[\w-]+)*)(?::(\d{1,5}))?(\/[\w.~/-]*)?$/;
const POINTS_SOMEWHERE = /(?:ADDR|ADDRESS|HOST|URL|URI|ENDPOINT|SERVICE|TARGET|UPSTREAM|BACKEND)$/;
const LISTENS = /(?:^|_)(?:PORT|ADDR|ADDRESS|LISTEN|BIND)$/;
const SECRET = /(?:SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|KEY)/;

/** Decides what each variable is: an address of another service, where to listen, or plain text. */
export function decideVariables(caller: Caller, neighbours: Neighbours): Variables {
  const decided: Variables = { calls: new Map(), exports: new Map(), env: new Map(), doubts: [] };
  for (const [variable, value] of caller.env) {
    if (!ENV_NAME.test(variable) || isReservedVariable(variable, caller.usesDynamodb)) continue;
    if (decideAddress(variable, value, caller, neighbours, decided)) continue;
    if (decideListening(variable, value, caller, decided)) continue;
    decideText(variable, value, decided);
  }
  for (const need of caller.needs) decideNeed(need, caller, neighbours, decided);
  return decided;
}

interface Address {
  readonly scheme: string | undefined;
  readonly host: string;
  /** Its name is one of this system; other names with dots are somebody else's. */
  readonly isHere: boolean;
  /** It is a name of a cluster. */
  readonly isCluster: boolean;
  readonly port: string | undefined;
  readonly path: string | undefined;
}

function readAddress(variable: string, value: string): Address | undefined {
  const [whole, scheme, host = "", domain = "", port, path] = ADDRESS.exec(value) ?? [];
  const isNamed = scheme !== undefined || port !== undefined || POINTS_SOMEWHERE.test(variable);
  if (whole === undefined || !isNamed) return undefined;
  const isHere = domain === "" || /^\.[\w-]+(?:\.svc(?:\..+)?)?$/.test(domain);
  return { scheme, host, isHere, isCluster: domain.includes(".svc"), port, path };
}

function decideAddress(
  variable: string,
  value: string,
  caller: Caller,
  { services, images }: Neighbours,
  decided: Variables,
): boolean {
  const address = readAddress(variable, value);
  if (address?.isHere !== true) return false;
  const { host, isCluster } = address;
  const callee = services.get(host);
  if (callee === caller.name) return false;
  if (callee !== undefined) {
    pointAt(callee, variable, address, caller, decided);
    return true;
  }
  if (!images.has(host) && !isCluster) return false;
  decided.doubts.push(
    `${shown(variable)} points at ${shown(host)}, which perch does not run: give it in local.env.`,
  );
  return true;
}

/** perch gives `host:port`; what wants another form of it is computed by the shell. */
function pointAt(
  callee: string,
  variable: string,
  { scheme, port, path }: Address,
  { env }: Caller,
  { calls, exports }: Variables,
): void {
  const isUrl = scheme !== undefined || path !== undefined;
  if (!isUrl && port !== undefined) {
    calls.set(variable, callee);
    return;
  }
  const address = addressVariable(variable, callee, env, calls);
  calls.set(address, callee);
  if (isUrl) {
    exports.set(variable, `${scheme === undefined ? "" : `${scheme}://`}$${address}${path ?? ""}`);
    return;
  }
  exports.set(variable, `\${${address}%:*}`);
  const sibling = variable.replace(/HOST$/, "PORT");
  if (sibling !== variable && env.has(sibling)) exports.set(sibling, `\${${address}##*:}`);
}

/** A variable that nobody has, for `host:port` alone. */
function addressVariable(
  variable: string,
  callee: string,
  env: ReadonlyMap<string, string>,
  calls: ReadonlyMap<string, string>,
): string {
  const stem = variable.replace(/_?(?:URL|URI|HOST|ENDPOINT|ADDR|ADDRESS)$/, "") || nameAsVariable(callee);
  for (let wanted = `${stem}_ADDR`; ; wanted = `PERCH_${wanted}`) {
    if (!env.has(wanted) && (calls.get(wanted) ?? callee) === callee) return wanted;
  }
}

function decideListening(
  variable: string,
  value: string,
  { ports }: Caller,
  { exports }: Variables,
): boolean {
  const [, host, port = ""] = /^(0\.0\.0\.0|127\.0\.0\.1|localhost|)(?::(?=\d))?(\d{2,5})$/.exec(value) ?? [];
  if (!LISTENS.test(variable) || port === "") return false;
  if (exports.has(variable)) return true;
  if (!ports.includes(Number(port))) return false;
  exports.set(variable, value === port && host === "" ? "$PORT" : "$HOST:$PORT");
  return true;
}

function decideText(variable: string, value: string, { env, exports, doubts }: Variables): void {
  if (exports.has(variable)) return;
  if (SECRET.test(variable)) {
    doubts.push(
      `${shown(variable)} may be a secret, and is left out: a pull request's code can read what is here.`,
    );
  } else if (/[$\0]/.test(value)) {
    doubts.push(
      `${shown(variable)} is computed elsewhere, and is left out: give it in local.env if it is needed.`,
    );
  } else env.set(variable, value);
}

function decideNeed(need: string, caller: Caller, { services }: Neighbours, decided: Variables): void {
  const callee = services.get(need);
  if (callee === undefined || callee === caller.name || [...decided.calls.values()].includes(callee)) return;
  const variable = `${nameAsVariable(callee)}_ADDR`;
  if (decided.calls.has(variable) || decided.env.has(variable) || decided.exports.has(variable)) return;
  decided.calls.set(variable, callee);
  decided.doubts.push(
    `It depends on ${callee}, but no file names the variable with its address: ${variable} is a guess.`,
  );
}

function nameAsVariable(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
