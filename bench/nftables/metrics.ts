import type { Numbers } from '../../testing/child.ts';

/** What a proxy says of itself at its metrics address. @throws TypeError if nobody answers there */
export async function proxyMetrics(url: string): Promise<Numbers> {
  const response = await fetch(url);
  const text = await response.text();
  const found = text.matchAll(/^(kubeproxy_\w+(?:_sum|_count|_seconds|_total|_pending)(?:\{[^}]*\})?) (\S+)$/gm);
  return Object.fromEntries([...found].map(([, name = '', value]) => [name, Number(value)]));
}
