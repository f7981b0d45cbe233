import { readdir, readFile, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import { stillRuns } from '../../system/index.ts';
import { reasonOf } from '../carry-out.ts';
import { recoverFile, replaceFile } from '../write-file.ts';
import {
  type Block,
  type BlockOwner,
  findBlocks,
  type HostsLine,
  othersLines,
  withBlock,
  withoutBlocks,
} from './block.ts';
import { isWanted, withLock } from './lock.ts';

/** A block, and whether its owner has ended. */
export interface FoundBlock extends Block {
  readonly stale: boolean;
}

export interface HostsFile {
  readonly path: string;
  readonly blocks: readonly FoundBlock[];
  /** Lines outside of Switchboard's blocks. */
  readonly others: readonly (HostsLine & { readonly number: number })[];
}

/** The path of a system's hosts file. */
export function hostsPath(root: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return join(process.env.SystemRoot ?? 'C:\\Windows', 'System32\\drivers\\etc\\hosts');
  return join(root, '/etc/hosts');
}

/** @throws SWB_SETUP_CONFLICT if a block lacks a marker line; SWB_SETUP_FAILED if the file cannot be read */
export async function readHosts(path: string): Promise<HostsFile> {
  const text = await textOf(path);
  const blocks = await judged(findBlocks(text));
  return { path, blocks, others: othersLines(text, blocks) };
}

/**
 * Appends a block; replaces stale ones and an earlier one of the same owner.
 *
 * @returns whether the file changed
 * @throws SWB_SETUP_CONFLICT if there is a block of another process that still runs; SWB_SETUP_FAILED
 */
export function writeBlock(path: string, owner: BlockOwner, lines: readonly HostsLine[]): Promise<boolean> {
  return edit(path, async text => {
    const blocks = await judged(findBlocks(text));
    const other = blocks.find(block => !block.stale && !sameOwner(block.owner, owner));
    if (other !== undefined) {
      throw new SwitchboardError(
        'SWB_SETUP_CONFLICT',
        `${path} has a block for ${ownerText(other.owner)}: remove it with "switchboard dns uninstall"`,
      );
    }
    return withBlock(withoutBlocks(text, blocks), owner, lines);
  });
}

/**
 * Removes blocks: all, or only those of processes that have ended.
 *
 * @returns whether there were any
 * @throws SWB_SETUP_CONFLICT, SWB_SETUP_FAILED
 */
export function removeBlocks(path: string, which: 'all' | 'stale'): Promise<boolean> {
  return edit(path, async text => {
    const blocks = await judged(findBlocks(text));
    return withoutBlocks(
      text,
      blocks.filter(({ stale }) => which === 'all' || stale),
    );
  });
}

export function ownerText(owner: BlockOwner): string {
  return owner.kind === 'manifests' ? 'manifests' : `process ${owner.mark.pid}`;
}

async function edit(path: string, change: (text: string) => Promise<string>): Promise<boolean> {
  try {
    // Different paths to one file must use the same lock.
    const target = await realpath(path).catch(() => path);
    return await withLock(join(dirname(target), '.hosts.switchboard-lock'), async () => {
      await recoverFile(target);
      await sweep(dirname(target));
      const text = await textOf(target);
      const changed = await change(text);
      if (changed === text) return false;
      await replaceFile(target, Buffer.from(changed, 'latin1'));
      return true;
    });
  } catch (error) {
    if (SwitchboardError.is(error)) throw error;
    throw new SwitchboardError('SWB_SETUP_FAILED', reasonOf(error, path), { cause: error });
  }
}

/** Removes files that a crash left beside the hosts file; under the lock no other process is about to use one. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const left =
      /^\.hosts\.switchboard-[0-9a-f]{12}$/.test(name) ||
      (/^\.hosts\.switchboard-lock-[0-9a-f]{12}$/.test(name) && !(await isWanted(path)));
    if (left) await rm(path, { force: true });
  }
}

/** A missing file has no lines. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return '';
    throw new SwitchboardError('SWB_SETUP_FAILED', reasonOf(error, path), { cause: error });
  }
}

function judged(blocks: readonly Block[]): Promise<FoundBlock[]> {
  return Promise.all(
    blocks.map(async block => ({
      ...block,
      stale: block.owner.kind === 'process' && !(await stillRuns(block.owner.mark)),
    })),
  );
}

function sameOwner(a: BlockOwner, b: BlockOwner): boolean {
  if (a.kind === 'manifests' || b.kind === 'manifests') return a.kind === b.kind;
  return a.mark.pid === b.mark.pid && a.mark.started === b.mark.started;
}
