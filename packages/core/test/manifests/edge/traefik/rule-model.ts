/** What of a request Traefik's rules look at. */
export interface ModelRequest {
  readonly host: string;
  /** Without query. */
  readonly path: string;
  /** Every `X-Canary` line. */
  readonly lines: readonly string[];
}

export type Matcher = (request: ModelRequest) => boolean;

/**
 * A rule of Traefik v3, as far as perch writes them. `PathPrefix` is a plain string prefix, expressions are anchored
 * only where they say so, and of several lines any may match.
 * @throws SyntaxError for a rule that is none, or a matcher that is not known here
 */
export function ruleMatcher(text: string): Matcher {
  const tokens = tokensOf(text);
  const matcher = either(tokens);
  if (tokens.length > 0) throw new SyntaxError(`${tokens[0]?.text} is too much in ${text}`);
  return matcher;
}

interface Token {
  readonly text: string;
  /** Of a matcher. */
  readonly values: readonly string[];
}

const TOKEN = /\s*(?:(&&|\|\||!|\(|\))|([A-Za-z]+)\((`[^`]*`(?:, `[^`]*`)*)\))/y;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new SyntaxError(`not a rule from ${text.slice(from)}`);
    const [, sign, name = "", values = ""] = match;
    tokens.push({
      text: sign ?? name,
      values: [...values.matchAll(/`([^`]*)`/g)].map(([, value = ""]) => value),
    });
  }
  return tokens;
}

function either(tokens: Token[]): Matcher {
  const parts = [both(tokens)];
  while (takes(tokens, "||")) parts.push(both(tokens));
  return (request) => parts.some((part) => part(request));
}

function both(tokens: Token[]): Matcher {
  const parts = [single(tokens)];
  while (takes(tokens, "&&")) parts.push(single(tokens));
  return (request) => parts.every((part) => part(request));
}

function single(tokens: Token[]): Matcher {
  if (takes(tokens, "!")) {
    const inner = single(tokens);
    return (request) => !inner(request);
  }
  if (takes(tokens, "(")) {
    const inner = either(tokens);
    if (!takes(tokens, ")")) throw new SyntaxError("a bracket is open");
    return inner;
  }
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError("a matcher is missing");
  return matcherOf(token);
}

function takes(tokens: Token[], text: string): boolean {
  if (tokens[0]?.text !== text) return false;
  tokens.shift();
  return true;
}

function matcherOf({ text, values: [first = "", second = ""] }: Token): Matcher {
  const expression = new RegExp(text.startsWith("Header") ? second : text === "HostRegexp" ? first : "");
  if (text.startsWith("Header") && first !== "X-Canary") throw new SyntaxError(`header ${first}`);
  switch (text) {
    case "Host":
      return ({ host }) => host.toLowerCase() === first;
    case "HostRegexp":
      return ({ host }) => expression.test(host);
    case "Path":
      return ({ path }) => path === first;
    case "PathPrefix":
      return ({ path }) => path.startsWith(first);
    case "Header":
      return ({ lines }) => lines.some((line) => line.trim() === second);
    case "HeaderRegexp":
      return ({ lines }) => lines.some((line) => expression.test(line.trim()));
    default:
      throw new SyntaxError(`matcher ${text}`);
  }
}
