import { dump } from 'js-yaml';
import { escapeControls } from '../data/index.ts';

type DataFormat = 'json' | 'yaml' | 'jsonl';

/** Formats items as one list in Switchboard's API version (json, yaml), or as one item a line (jsonl). */
export function printData(kind: string, items: readonly unknown[], format: DataFormat): string {
  return printList('switchboard/v1', kind, items, format);
}

export function printList(apiVersion: string, kind: string, items: readonly unknown[], format: DataFormat): string {
  if (format === 'jsonl') return items.map(item => `${JSON.stringify(item)}\n`).join('');
  const list = { apiVersion, kind, items };
  const json = `${JSON.stringify(list, null, 2)}\n`;
  if (format === 'json') return json;
  const yaml = dump(list, { noRefs: true, skipInvalid: true });
  // Escaped, JSON's strings stay the same data, and plain ones of YAML do not. JSON is YAML, too.
  return escapeControls(yaml, '\n') === yaml ? yaml : json;
}
