import type { Numbers } from '../../testing/child.ts';

/** The metrics of a proxy at its metrics address. @throws TypeError if it does not answer */
export async function proxyMetrics(url: string): Promise<Numbers> {
  const response = await fetch(url);
  const text = await response.text();
  const found = text.matchAll(/^(kubeproxy_\w+(?:_sum|_count|_seconds|_total|_pending)(?:\{[^}]*\})?) (\S+)$/gm);
  return Object.fromEntries([...found].map(([, name = '', value]) => [name, Number(value)]));
}
