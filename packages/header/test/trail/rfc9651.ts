// RFC 9651 appendix C, List with Items only, transcribed apart from the package's own reader. Serialised form: one
// space after a comma, none before (section 4.1.1).
const string = String.raw`"(?:[\x20-\x21\x23-\x5B\x5D-\x7E]|\\["\\])*"`;
const integer = "-?[0-9]{1,15}";
const token = String.raw`[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_\x60|~-]*`;
const key = "[a-z*][a-z0-9_.*-]*";
const parameter = `;${key}(?:=(?:${integer}|${string}|${token}))?`;
const item = `${string}(?:${parameter})*`;
const list = new RegExp(`^${item}(?:, ${item})*$`);

/** Whether a text is a List of Strings as RFC 9651 serialises it. */
export function isStringList(text: string): boolean {
  return list.test(text);
}

/** How many members such a List has. */
export function countMembers(text: string): number {
  return text.match(new RegExp(item, "g"))?.length ?? 0;
}
