/** Where settings come from: `process.env`, or a test's own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** One setting that is wrong: what it is, what was expected, what to do. */
export type ConfigProblem = string;

/** The environment cannot be used; `problems` names every wrong variable, not only the first. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(`The environment has ${problems.length} wrong setting(s). ${problems.join(" ")}`);
    this.problems = problems;
  }
}

/** Reads variables and remembers what is wrong with them. An empty variable counts as unset, as templates leave them. */
export interface EnvReader {
  /** Any text without control characters. */
  text(name: string, fallback: string): string;
  /** Text that matches; `expected` says in words what does. */
  pattern(name: string, fallback: string, pattern: RegExp, expected: string): string;
  /** 0 to 65535; 0 lets the system choose. */
  port(name: string, fallback: number): number;
  /** As `port`, and undefined when unset. */
  optionalPort(name: string): number | undefined;
  /** `host:port`, as a gRPC client takes it. */
  address(name: string, fallback: string): string;
  /** A positive whole number of milliseconds. */
  milliseconds(name: string, fallback: number): number;
  /** `true` or `false`. */
  flag(name: string, fallback: boolean): boolean;
  /** Comma-separated; each entry has to pass `accepts`, which `expected` puts into words. */
  list(
    name: string,
    fallback: readonly string[],
    accepts: (entry: string) => boolean,
    expected: string,
  ): string[];
}

/**
 * Builds a config from the environment.
 * @throws {ConfigError} that names every wrong variable.
 */
export function readEnv<Config>(env: Env, build: (reader: EnvReader) => Config): Config {
  const problems: ConfigProblem[] = [];
  const config = build(envReader(env, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function envReader(env: Env, problems: ConfigProblem[]): EnvReader {
  function read<T>(name: string, fallback: T, parse: (value: string) => T | undefined, expected: string): T {
    const value = env[name];
    if (value === undefined || value === "") return fallback;
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    problems.push(`${name} is ${shown(value)}: set it to ${expected}${hint(fallback)}.`);
    return fallback;
  }

  return {
    text: (name, fallback) => read(name, fallback, parseText, "text without control characters"),
    pattern: (name, fallback, pattern, expected) =>
      read(name, fallback, (value) => (pattern.test(value) ? value : undefined), expected),
    port: (name, fallback) => read(name, fallback, parsePort, PORT_EXPECTED),
    optionalPort: (name) => read<number | undefined>(name, undefined, parsePort, PORT_EXPECTED),
    address: (name, fallback) => read(name, fallback, parseAddress, "host:port, such as store.apps:50051"),
    milliseconds: (name, fallback) =>
      read(name, fallback, parseMilliseconds, "a whole number of milliseconds from 1 to 3600000"),
    flag: (name, fallback) => read(name, fallback, parseFlag, "true or false"),
    list: (name, fallback, accepts, expected) =>
      read(name, [...fallback], (value) => parseList(value, accepts), expected),
  };
}

const PORT_EXPECTED = "a port from 0 to 65535, where 0 lets the system choose";

function parseText(value: string): string | undefined {
  return /\p{Cc}/u.test(value) ? undefined : value;
}

function parsePort(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
}

function parseAddress(value: string): string | undefined {
  const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(value) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535 ? value : undefined;
}

function parseMilliseconds(value: string): number | undefined {
  return /^[1-9]\d{0,6}$/.test(value) && Number(value) <= 3_600_000 ? Number(value) : undefined;
}

function parseFlag(value: string): boolean | undefined {
  return value === "true" ? true : value === "false" ? false : undefined;
}

function parseList(value: string, accepts: (entry: string) => boolean): string[] | undefined {
  const entries = value.split(",").map((entry) => entry.trim());
  return entries.every(accepts) ? entries : undefined;
}

function shown(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

function hint(fallback: unknown): string {
  return fallback === undefined ? ", or leave it unset" : `, or leave it unset for ${String(fallback)}`;
}
