import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../kube/index.ts';
import { hostnameOf, hostsFile, type Mount, nameFiles } from '../../pods/index.ts';
import { DNS_ADDRESS } from './router.ts';

/** libc asks the cache daemon first, which resolves names outside of the pod. */
const NSCD = '/var/run/nscd';

/** Writes the files of a pod to its folder. @returns what covers what */
export async function writePodFiles(folder: string, pod: Pod, ip: string, domain: string): Promise<Mount[]> {
  await mkdir(folder, { recursive: true });
  const mounts: Mount[] = [];
  const put = async (to: string, content: string): Promise<void> => {
    // What the machine lacks cannot be covered.
    if (!existsSync(to)) return;
    const from = join(folder, to.replaceAll('/', '_'));
    await writeFile(from, content, { mode: 0o644 });
    mounts.push({ from, to, readOnly: false, extensible: false });
  };
  const search = { namespace: pod.meta.namespace, domain };
  const old = existsSync('/etc/nsswitch.conf') ? readFileSync('/etc/nsswitch.conf', 'utf8') : undefined;
  const { resolvConf, nsswitch } = nameFiles(DNS_ADDRESS, search, old);
  await put('/etc/hosts', hostsFile(pod, ip, domain));
  await put('/etc/hostname', `${hostnameOf(pod)}\n`);
  await put('/etc/resolv.conf', resolvConf);
  if (nsswitch !== undefined) await put('/etc/nsswitch.conf', nsswitch);
  if (existsSync(NSCD)) {
    await mkdir(join(folder, 'nscd'), { recursive: true });
    mounts.push({ from: join(folder, 'nscd'), to: NSCD, readOnly: false, extensible: false });
  }
  return mounts;
}
