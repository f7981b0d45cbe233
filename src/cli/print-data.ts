import { dump } from 'js-yaml';

/** Prints items as one list (json, yaml) or one a line (jsonl). */
export function printData(kind: string, items: readonly unknown[], format: 'json' | 'yaml' | 'jsonl'): string {
  if (format === 'jsonl') return items.map(item => `${JSON.stringify(item)}\n`).join('');
  const list = { apiVersion: 'switchboard/v1', kind, items };
  return format === 'json'
    ? `${JSON.stringify(list, null, 2)}\n`
    : dump(list, { noRefs: true, lineWidth: -1, skipInvalid: true });
}
