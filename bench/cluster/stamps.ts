/** Addresses that carry a number, which identifies a write in the kernel: 10.240.0.0/16. */
export const STAMP_PREFIX = Buffer.from([10, 240]);

export function stampAddress(stamp: number): string {
  return `10.240.${(stamp >> 8) & 255}.${stamp & 255}`;
}

/** Milliseconds of the system's monotonic clock, the same in all processes of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
