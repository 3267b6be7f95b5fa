import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { edgeUrl, readPublicUrl } from "../../src/routes/edge-url.ts";

const at = (host: string, port: number) => ({
  listening: [{ host, port }],
  secure: false,
  host: "localhost",
});

describe("the URL of the edge", () => {
  it("is localhost where that leads there, and the address where it does not", () => {
    assert.equal(edgeUrl(at("127.0.0.1", 8080)), "http://localhost:8080");
    assert.equal(edgeUrl(at("0.0.0.0", 80)), "http://localhost:80");
    assert.equal(edgeUrl(at("10.0.0.1", 8080)), "http://10.0.0.1:8080");
    assert.equal(edgeUrl(at("fd00::1", 8080)), "http://[fd00::1]:8080");
  });

  it("has the name that the certificate is for", () => {
    const secure = { secure: true, host: "dev.example.com" };
    assert.equal(edgeUrl({ ...at("127.0.0.1", 8443), ...secure }), "https://dev.example.com:8443");
    assert.equal(edgeUrl({ ...at("127.0.0.1", 443), ...secure }), "https://dev.example.com");
  });

  it("is a proxy's where one is in front", () => {
    const publicUrl = "https://dev.example.com";
    assert.equal(edgeUrl({ ...at("127.0.0.1", 8080), publicUrl }), publicUrl);
  });
});

describe("a public URL", () => {
  const hosts = ["dev.example.com", "localhost"];

  it("is a scheme, one of the edge's hosts, and perhaps a port", () => {
    assert.equal(readPublicUrl("https://dev.example.com/", hosts), "https://dev.example.com");
    assert.equal(readPublicUrl("HTTP://Dev.Example.Com:81", hosts), "http://dev.example.com:81");
  });

  it("is nothing else", () => {
    const wrong = [
      "dev.example.com",
      "https://",
      "ftp://localhost",
      "https://localhost/a",
      "https://a@localhost",
    ];
    for (const text of [...wrong, "https://localhost?a", "https://other.example.com"])
      assert.throws(() => readPublicUrl(text, hosts), PerchError, text);
  });
});
