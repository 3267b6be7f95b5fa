import { X509Certificate } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { PerchError, type PerchErrorData } from "@perch/core";
import type { Logger } from "pino";

/** Where a certificate and its key are: PEM, the certificate with its chain. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key as TLS servers take them. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate that is read again when its files change, so that a renewal needs no restart. */
export interface ServerCertificate {
  current(): KeyPair;
  /** Calls back after a renewal; returns how to stop. */
  onChange(listener: (next: KeyPair) => void): () => void;
  /** What is wrong with it now, for the host of the edge and the share links below it; `undefined`: nothing. */
  problem(): PerchErrorData | undefined;
  close(): void;
}

/** Milliseconds between two looks at the files. They are looked at, not watched: renewals replace links to them. */
const LOOK = 5_000;
const DAY = 86_400_000;
/** Days before its end in which a certificate should have been renewed: Let's Encrypt's clients do it 30 before. */
const RENEWAL_DAYS = 14;

/** @param host what it is to be for, and for names below it. @throws PerchError CERTIFICATE_UNUSABLE */
export async function openCertificate(
  files: CertificateFiles,
  host: string,
  logger: Logger,
  look = LOOK,
): Promise<ServerCertificate> {
  let pair = await readPair(files);
  const listeners = new Set<(next: KeyPair) => void>();
  const readAgain = async () => {
    try {
      const next = await readPair(files);
      if (next.cert.equals(pair.cert) && next.key.equals(pair.key)) return;
      pair = next;
      for (const listener of listeners) listener(next);
      logger.info({ validTo: new X509Certificate(next.cert).validTo }, "the certificate was renewed");
    } catch (error) {
      // One file of the two may be new already: what was read before serves on, and the next look may find both.
      logger.warn({ error }, "the certificate changed, and what is there now cannot be used yet");
    }
  };
  const onLook = () => void readAgain();
  for (const path of [files.cert, files.key]) watchFile(path, { interval: look, persistent: false }, onLook);
  // They may have changed since they were read, which no later look at their times shows.
  onLook();
  return {
    current: () => pair,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    problem: () => problemOf(new X509Certificate(pair.cert), host, Date.now()),
    close: () => {
      for (const path of [files.cert, files.key]) unwatchFile(path, onLook);
    },
  };
}

async function readPair(files: CertificateFiles): Promise<KeyPair> {
  const [cert, key] = await Promise.all([read(files.cert), read(files.key)]);
  try {
    createSecureContext({ cert, key });
    new X509Certificate(cert);
    return { cert, key };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${files.cert} and ${files.key} are not a certificate and its key: ${why}.`;
    throw unusable(message, "Give PEM files that belong together; the certificate with its chain.", cause);
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = "Check the path, and that the user that perch runs as may read it.";
    throw unusable(`Cannot read ${path} (${code}).`, hint, cause);
  }
}

function unusable(message: string, hint: string, cause: unknown): PerchError {
  return new PerchError({ code: "CERTIFICATE_UNUSABLE", message, hint, fault: "user" }, { cause });
}

/** What will make browsers refuse a certificate, or soon will. */
export function problemOf(
  certificate: X509Certificate,
  host: string,
  now: number,
): PerchErrorData | undefined {
  const { validFrom, validTo } = certificate;
  const isFor = (name: string) => certificate.checkHost(name) !== undefined;
  const end = Date.parse(validTo);
  const days = Math.floor((end - now) / DAY);
  const flaws = [
    ...(isFor(host) ? [] : [`is not for ${host}`]),
    ...(isFor(`pr-1.${host}`) ? [] : [`is not for *.${host}, so share links are refused`]),
    ...(now < Date.parse(validFrom) ? [`begins on ${validFrom} only`] : []),
    ...(now >= end ? [`ended on ${validTo}`] : []),
    ...(now < end && days < RENEWAL_DAYS ? [`ends on ${validTo}`] : []),
  ];
  if (flaws.length === 0) return undefined;
  const hint = "Renew it in the same files: the engine reads them again by itself.";
  return {
    code: "CERTIFICATE_UNUSABLE",
    message: `The edge's certificate ${flaws.join(", and ")}.`,
    hint,
    fault: "environment",
  };
}
