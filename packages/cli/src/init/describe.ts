import { styleText } from "node:util";
import type { Discovery, FoundService } from "@perch/core";
import { plainLine } from "../output/terminal-text.ts";
import type { Repository } from "./repository.ts";

/** What was found, and in which file. */
export function describeDiscovery({ root, files, unread }: Repository, discovery: Discovery): string {
  const { services, notes } = discovery;
  const skipped = unread === 0 ? "" : ` ${unread} more were not looked at.`;
  const lines = [
    `Looked at ${files.length} files in ${plainLine(root)}.${skipped}`,
    "",
    ...services.flatMap(describeService),
    ...(notes.length === 0 ? [] : ["Left out:", ...notes.map((note) => `  ${plainLine(note)}`), ""]),
  ];
  return `${lines.join("\n")}\n`;
}

function describeService(service: FoundService): string[] {
  const { name, protocol, path, edge, calls, start, evidence, doubts } = service;
  const callees = [...new Set(calls.values())];
  const facts = [
    protocol,
    `in ${plainLine(path)}`,
    ...(edge === undefined ? [] : [`at the edge: ${edge}`]),
    ...(callees.length === 0 ? [] : [`calls ${callees.join(", ")}`]),
  ];
  return [
    `${bold(name)}  ${facts.join(", ")}`,
    `  starts by  ${plainLine(start)}`,
    ...evidence.map(({ from, says }) => `  found in   ${plainLine(from)}: ${plainLine(says)}`),
    ...doubts.map(
      (doubt) => `  ${styleText("yellow", "check", { stream: process.stdout })}      ${plainLine(doubt)}`,
    ),
    "",
  ];
}

/** What was written, and what to do next. */
export function describeNext(file: string, { services, isRepoKnown, repo }: Discovery): string {
  const count = services.length === 1 ? "1 service" : `${services.length} services`;
  const lines = [
    `Wrote ${plainLine(file)}: ${count} of ${repo}${isRepoKnown ? "" : " (a guess: no git remote tells)"}.`,
    "",
    "Next:",
    "  1. Look it through: what is marked `check` is a guess.",
    "  2. `perch doctor` says what is missing on this machine.",
    "  3. `perch up` runs stable and a canary of every open pull request.",
    "  4. Let your services pass the selector on: docs of @perch/context say how, for Node; elsewhere, pass on",
    "     the header X-Canary (in gRPC the metadata x-canary) from each request to the calls that it makes.",
  ];
  return `${lines.join("\n")}\n`;
}

function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}
