import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  canaryName,
  canarySelector,
  parseShareLink,
  parseVariantName,
  revisionOf,
  shareLinkHost,
  variantName,
} from "@perch/core";
import { formatSelector, listSelector, prSelector } from "@perch/header";
import fc from "fast-check";

describe("naming is a public contract", () => {
  it("names a canary after its service and PR", () => {
    assert.equal(canaryName("store", 45), "store-canary-pr-45");
    assert.equal(variantName({ service: "store", pr: 45 }), "store-canary-pr-45");
    assert.equal(variantName({ service: "store" }), "store");
  });

  it("takes the first 12 hex digits of a commit as its revision", () => {
    assert.equal(revisionOf("0123456789abcdef0123456789abcdef01234567"), "0123456789ab");
  });

  it("prints a share link with the bare PR in one repository", () => {
    assert.equal(shareLinkHost(prSelector(123), "api.dev.example.com"), "pr-123.api.dev.example.com");
  });

  it("prints a share link with the service for a list of one", () => {
    assert.equal(
      shareLinkHost(listSelector([["store", 45]]), "api.dev.example.com"),
      "store-pr-45.api.dev.example.com",
    );
  });

  it("refuses a share link for a list of several", () => {
    assert.throws(
      () =>
        shareLinkHost(
          listSelector([
            ["api", 1],
            ["store", 2],
          ]),
          "h",
        ),
      RangeError,
    );
  });

  it("prints the list form as soon as there are several repositories", () => {
    assert.equal(formatSelector(canarySelector({ service: "store", pr: 45 }, 1)), "45");
    assert.equal(formatSelector(canarySelector({ service: "store", pr: 45 }, 2)), "store=45");
  });
});

describe("a share link's host", () => {
  const hosts = ["api.dev.example.com", "localhost"];
  const read = (host: string) => {
    const selector = parseShareLink(host, hosts);
    return selector === undefined ? undefined : formatSelector(selector);
  };

  it("selects in any case, with a port, with a final dot", () => {
    assert.equal(read("PR-7.LocalHost:8080"), "7");
    assert.equal(read("pr-7.localhost."), "7");
    assert.equal(read("store-pr-45.api.dev.example.com"), "store=45");
  });

  it("belongs to the service before the last -pr-, whatever that is called", () => {
    assert.equal(read("a-pr-1-pr-2.localhost"), "a-pr-1=2");
  });

  for (const host of [
    "localhost",
    "pr-7.example.com",
    "pr-0.localhost",
    "pr-07.localhost",
    "pr-12345678901.localhost",
    "pr-.localhost",
    "x.pr-7.localhost",
    "-pr-7.localhost",
    "Ω-pr-7.localhost",
    "",
    ":8080",
  ]) {
    it(`is no share link: ${JSON.stringify(host)}`, () => assert.equal(read(host), undefined));
  }
});

const serviceName = fc
  .stringMatching(/^[a-z]([-a-z0-9]{0,10}[a-z0-9])?$/)
  .filter((name) => !name.includes("-canary-pr-"));
const pr = fc.integer({ min: 1, max: 9_999_999_999 });

describe("names and links read back", () => {
  it("as the variant that they were made of", () => {
    fc.assert(
      fc.property(serviceName, fc.option(pr, { nil: undefined }), (service, number) => {
        const variant = number === undefined ? { service } : { service, pr: number };
        assert.deepEqual(parseVariantName(variantName(variant)), variant);
      }),
    );
  });

  it("as the selector that they were made of", () => {
    fc.assert(
      fc.property(serviceName, pr, fc.boolean(), (service, number, asList) => {
        const selector = asList ? listSelector([[service, number]]) : prSelector(number);
        const back = parseShareLink(shareLinkHost(selector, "localhost"), ["localhost"]);
        assert.deepEqual(back, selector);
      }),
    );
  });

  it("and no host, however hostile, throws", () => {
    fc.assert(fc.property(fc.string(), (host) => void parseShareLink(host, ["localhost"])));
  });
});
