/**
 * The values of all series of a metric, in Prometheus' text format, that carry these labels.
 * @param labels their order and further labels do not matter.
 */
export function samples(text: string, metric: string, labels: Readonly<Record<string, string>>): number[] {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const lines = text.split("\n").filter((line) => line.startsWith(`${metric}{`));
  return lines.filter((line) => wanted.every((label) => line.includes(label))).map(lastNumber);
}

function lastNumber(line: string): number {
  return Number(line.slice(line.lastIndexOf(" ")));
}
