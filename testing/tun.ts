import { chmodSync, statSync } from 'node:fs';

const DEVICE = '/dev/net/tun';
const EVERYBODY = 0o666;

/** Lets every user open the device, as udev's rules do; a machine without udev may not. Needs root. */
export function allowTun(): void {
  if ((statSync(DEVICE).mode & EVERYBODY) !== EVERYBODY) chmodSync(DEVICE, EVERYBODY);
}
