import { readDocument, type YamlDocument } from "./document.ts";
import { findingsOf } from "./issues.ts";
import { normalise } from "./normalise.ts";
import type { ConfigProblem, ConfigResult, Finding } from "./problems.ts";
import { checkRules } from "./rules.ts";
import { writtenConfig } from "./schema.ts";
import { formatPath } from "./text.ts";

/**
 * Reads `perch.yaml`: text → a complete `Config`, or every problem in it at once, each with its place. Errors of YAML's
 * own syntax come alone, since they leave open what the rest means. Never throws.
 * @param fileName how problems name the file.
 */
export function parseConfig(text: string, fileName = "perch.yaml"): ConfigResult {
  const document = readDocument(text);
  const problems = document.flaws.map((flaw): ConfigProblem => ({ file: fileName, ...flaw }));
  if (document.data === undefined) return { ok: false, problems: inOrder(problems) };
  const { value } = document.data;
  const written = writtenConfig.safeParse(value);
  const findings = [...findingsOf(written.error?.issues ?? [], value), ...checkRules(value)];
  problems.push(...findings.map((finding) => placed(finding, document, fileName)));
  if (written.success && problems.length === 0) return { ok: true, config: normalise(written.data) };
  return { ok: false, problems: inOrder(problems) };
}

function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function placed(finding: Finding, document: YamlDocument, file: string): ConfigProblem {
  const { path, at, message, hint } = finding;
  const place = { file, ...document.locate(path, at), path: formatPath(path), message };
  return hint === undefined ? place : { ...place, hint };
}
