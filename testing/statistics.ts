/** Statistics for the benchmarks, and readers of /proc. */
import { readFileSync } from 'node:fs';

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Memory of the kernel in MB: the part that holds tables and sets. */
export function kernelMegabytes(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return ['Slab', 'VmallocUsed'].reduce((sum, name) => sum + kilobytes(text, name), 0) / 1_024;
}

/** Memory of a process in MB: resident now, and its peak. */
export function processMegabytes(pid: number): { readonly rss: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { rss: kilobytes(text, 'VmRSS') / 1_024, peak: kilobytes(text, 'VmHWM') / 1_024 };
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
}
