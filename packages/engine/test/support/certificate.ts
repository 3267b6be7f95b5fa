import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { generate } from "selfsigned";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY = 86_400_000;

/** A certificate that signs itself. @param days until it ends; negative: it ended. */
export async function certificateFor(names: readonly string[], days = 90): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: names[0] ?? "perch" }], {
    keyType: "ec",
    notBeforeDate: new Date(Date.now() - 400 * DAY),
    notAfterDate: new Date(Date.now() + days * DAY),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  return { cert, key };
}

export interface CertificateFolder {
  readonly files: { readonly cert: string; readonly key: string };
  write(certificate: Partial<TestCertificate>): Promise<void>;
}

/** A certificate in files of a folder of its own, removed with its test. */
export async function certificateFiles(
  t: Pick<TestContext, "after">,
  certificate: TestCertificate,
): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), "perch-tls-"));
  t.after(() => rm(folder, { recursive: true }));
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const write = async ({ cert, key }: Partial<TestCertificate>) => {
    if (cert !== undefined) await writeFile(files.cert, cert);
    if (key !== undefined) await writeFile(files.key, key);
  };
  await write(certificate);
  return { files, write };
}
