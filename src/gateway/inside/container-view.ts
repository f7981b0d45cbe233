import { join } from 'node:path';
import { messageOf, SwitchboardError } from '../../errors.ts';
import type { ContainerView, Mount } from '../../pods/index.ts';
import { planMounts } from './mount-plan.ts';
import type { PodStorage } from './pod-storage.ts';

/**
 * Mounts files over others in a mount namespace of its own, then becomes the program. Words: the new root, or nothing; the
 * folder of all volumes; the working directory; FROM TO MODE ... -- PROGRAM ...
 *
 * A remount has to repeat the flags that the mount has, which older programs do not do by themselves. The folder of all
 * volumes goes at the end, so that no pod sees the files of another one.
 */
const ENTER = `
root=$1 volumes=$2 cwd=$3
shift 3
while [ "$1" != -- ]; do
  mount --rbind "$1" "$root$2" || exit 126
  if [ "$3" = ro ]; then
    mount -o remount,bind,ro "$root$2" 2>/dev/null ||
      mount -o "remount,bind,$(findmnt -n -o VFS-OPTIONS "$root$2" | tail -n 1),ro" "$root$2" || exit 126
  fi
  shift 3
done
shift
if [ -n "$root" ]; then
  cd "$root" && pivot_root . . && umount -l . || exit 126
else
  umount -l "$volumes" || exit 126
fi
cd / && cd -- "$cwd" || exit 127
exec "$@"`;

export interface ViewOptions {
  readonly storage: PodStorage;
  /** Enters the pod's namespaces. */
  readonly enter: readonly string[];
  /** Becomes the user. */
  readonly become: readonly string[];
}

/** Prepares what a container sees. @throws SWB_POD_CONFIG */
export function openView(mounts: readonly Mount[], { storage, enter, become }: ViewOptions): ContainerView {
  const plan = planMounts(mounts);
  const mirrors = [...plan.missing].map(([parent, missing]) => {
    try {
      return { parent, mirror: storage.mirrors.of(parent, missing) };
    } catch (error) {
      const path = join(parent, missing[0]?.path ?? '');
      const why = `CreateContainerError: cannot mount a volume at ${path}, which does not exist: ${messageOf(error)}`;
      throw new SwitchboardError('SWB_POD_CONFIG', why, { cause: error });
    }
  });
  const root = mirrors.find(({ parent }) => parent === '/')?.mirror.path ?? '';
  const covers = mirrors
    .filter(({ parent }) => parent !== '/')
    .map(({ parent, mirror }) => ({ from: mirror.path, to: parent, readOnly: false }))
    .sort((a, b) => a.to.length - b.to.length);
  const all = [...covers, ...plan.mounts].flatMap(({ from, to, readOnly }) => [from, to, readOnly ? 'ro' : 'rw']);
  return {
    launch: (words, cwd) => ({
      words: [
        ...enter,
        ...['unshare', '--mount', '--propagation=private', 'sh', '-c', ENTER, 'sh'],
        ...[root, storage.memory, cwd, ...all, '--', ...become, ...words],
      ],
      // The container may have folders that the machine lacks.
      cwd: '/',
    }),
    close: async () => {
      for (const { mirror } of mirrors) mirror.release();
    },
  };
}
