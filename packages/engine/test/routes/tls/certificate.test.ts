import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { PerchError } from "@perch/core";
import { pino } from "pino";
import { openCertificate, problemOf } from "../../../src/routes/tls/certificate.ts";
import { certificateFiles, certificateFor } from "../../support/certificate.ts";

const HOST = "dev.example.com";
const NAMES = [HOST, `*.${HOST}`];
/** Milliseconds between two looks. */
const LOOK = 20;

async function opened(t: TestContext, days?: number) {
  const folder = await certificateFiles(t, await certificateFor(NAMES, days));
  const logged: string[] = [];
  const log = Promise.withResolvers<void>();
  const write = (line: string) => {
    logged.push(line);
    log.resolve();
  };
  const logger = pino({ level: "info" }, { write });
  const certificate = await openCertificate(folder.files, HOST, logger, LOOK);
  t.after(() => certificate.close());
  return { ...folder, certificate, logged, said: log.promise };
}

describe("a certificate in files", () => {
  it("is read again when it was renewed", async (t) => {
    const { certificate, write } = await opened(t);
    const next = await certificateFor(NAMES);
    const changed = Promise.withResolvers<string>();
    certificate.onChange(({ cert }) => changed.resolve(cert.toString()));
    await write(next);
    assert.equal(await changed.promise, next.cert);
    assert.equal(certificate.current().key.toString(), next.key);
  });

  it("serves on as it was while only one of its files is new, and changes when both are", async (t) => {
    const { certificate, write, said, logged } = await opened(t);
    const before = certificate.current();
    const next = await certificateFor(NAMES);
    const changed = Promise.withResolvers<void>();
    certificate.onChange(() => changed.resolve());
    await write({ cert: next.cert });
    await said;
    assert.match(logged.join(""), /cannot be used yet/);
    assert.equal(certificate.current(), before);
    await write({ key: next.key });
    await changed.promise;
    assert.equal(certificate.current().cert.toString(), next.cert);
  });

  it("that cannot be read, or is none, is refused with what to do", async (t) => {
    const { files, write } = await opened(t);
    const open = () => openCertificate(files, HOST, pino({ level: "silent" }));
    const isRefused = (what: RegExp) => (error: unknown) =>
      error instanceof PerchError && error.code === "CERTIFICATE_UNUSABLE" && what.test(error.message);
    await write({ key: (await certificateFor(NAMES)).key });
    await assert.rejects(open, isRefused(/not a certificate and its key/));
    await write({ cert: "nothing" });
    await assert.rejects(open, isRefused(/not a certificate and its key/));
    const absent = { cert: `${files.cert}.absent`, key: files.key };
    const logger = pino({ level: "silent" });
    await assert.rejects(openCertificate(absent, HOST, logger), isRefused(/Cannot read .*ENOENT/));
  });

  it("has no problem while it is for the host, for share links, and lasts", async (t) => {
    assert.equal((await opened(t)).certificate.problem(), undefined);
  });

  it("is a problem when it soon ends, or ended", async (t) => {
    assert.match((await opened(t, 10)).certificate.problem()?.message ?? "", /certificate ends on /);
    assert.match((await opened(t, -1)).certificate.problem()?.message ?? "", /certificate ended on /);
  });

  it("is a problem when it is for other names, and says what fails", async () => {
    const problem = async (names: string[]) =>
      problemOf(new X509Certificate((await certificateFor(names)).cert), HOST, Date.now())?.message;
    assert.match(
      (await problem([HOST])) ?? "",
      /is not for \*\.dev\.example\.com, so share links are refused/,
    );
    assert.match((await problem([`*.${HOST}`])) ?? "", /is not for dev\.example\.com\./);
    const { cert } = await certificateFor(NAMES);
    assert.match(problemOf(new X509Certificate(cert), HOST, 0)?.message ?? "", /begins on .* only/);
  });
});
