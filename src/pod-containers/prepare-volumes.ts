/** A path in a volume that a pod needs. */
export interface Preparation {
  /** Within the sandbox. Made if it is missing. */
  readonly path: string;
  /** For the path itself. */
  readonly mode?: number;
  /** For everything below it, which also becomes readable and writable for the group, as the kubelet does for `fsGroup`. */
  readonly group?: number;
}

/**
 * What the sandbox's Node runs with the preparations as its argument. A script, since the volumes exist in the engine only.
 * The folder of a subPath must not lead out of its volume through a link of a container's.
 */
export const PREPARE = `
const fs = require('node:fs');
const { join } = require('node:path');
process.umask(0);
for (const { path, mode, group } of JSON.parse(process.argv[1])) {
  const [, base, volume] = path.split('/');
  const root = '/' + base + '/' + volume;
  // With the mode of the volume's own folder, as the kubelet makes it.
  if (!fs.existsSync(path)) fs.mkdirSync(path, { recursive: true, mode: fs.statSync(root).mode & 0o7777 });
  const real = fs.realpathSync(path);
  if (real !== root && !real.startsWith(root + '/')) throw new Error(path.slice(root.length + 1) + ' leads out of the volume');
  if (mode !== undefined) fs.chmodSync(path, mode);
  if (group !== undefined) own(path, group);
}
function own(path, group) {
  const found = fs.lstatSync(path);
  if (found.isSymbolicLink()) return fs.lchownSync(path, found.uid, group);
  fs.chownSync(path, found.uid, group);
  const bits = found.isDirectory() ? 0o2770 : (found.mode & 0o100) === 0 ? 0o660 : 0o770;
  fs.chmodSync(path, (found.mode & 0o7777) | bits);
  if (found.isDirectory()) for (const name of fs.readdirSync(path)) own(join(path, name), group);
}
`;
