import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTrail } from "@perch/header";

// Through the package's contract: a trail is a List of Strings, and each refusal below is RFC 9651's own.
describe("the List of Strings", () => {
  const taken = [
    `"a"`,
    `  "a"  `,
    `"a","b"`,
    `"a"\t ,\t "b"`,
    `"a"; x`,
    `"a";   x=1`,
    `"a";*x_y-z.1*=1`,
    `"a";x=-999999999999999`,
    `"a";x=999999999999.123`,
    `"a";x=Token/with:all!#$%&'*+-.^_\`|~`,
    `"a";x=*star`,
    `"a";x="s\\"t\\\\r"`,
    `"a";x=:aGVsbG8=:`,
    `"a";x=::`,
    `"a";x=?0;y=?1`,
    `"a";x=@-62135596800`,
    `"a";x=%"f%c3%bc!"`,
    `"a";x;x=1;x="last"`,
  ];
  for (const text of taken) {
    it(`takes ${text}`, () => assert.equal(parseTrail(text)?.hops[0]?.service, "a"));
  }

  const refused = [
    `,"a"`,
    `"a",`,
    `"a", `,
    `"a",,"b"`,
    `"a" "b"`,
    `"a`,
    `a"`,
    `"a\\"`,
    `"a\\x"`,
    `"é"`,
    `"a\tb"`,
    `"a\n"`,
    `"a"\n`,
    `\t"a"`,
    `'a'`,
    `a`,
    `1`,
    `?1`,
    `("a" "b")`,
    `"a" ;x`,
    `"a";`,
    `"a";X=1`,
    `"a";1=1`,
    `"a";x=`,
    `"a";x= 1`,
    `"a";x =1`,
    `"a";x=1000000000000000`,
    `"a";x=1.`,
    `"a";x=1.2345`,
    `"a";x=1234567890123.1`,
    `"a";x=--1`,
    `"a";x=-`,
    `"a";x=:a b:`,
    `"a";x=:YQ==`,
    `"a";x=?2`,
    `"a";x=@1.5`,
    `"a";x=%"%C3%BC"`,
    `"a";x=%"%c"`,
    `"a";x=("b")`,
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTrail(text), undefined));
  }
});
