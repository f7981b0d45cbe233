/** A plane in the network namespace of this process, and a reader of the kernel's table. */
import { spawnSync } from 'node:child_process';
import { cleanup, createNftablesPlane, type NftablesOptions } from '../../src/planes/nftables/index.ts';

export async function startPlane(options: NftablesOptions) {
  const refused: string[] = [];
  const plane = await createNftablesPlane({
    ...options,
    log: event => {
      if (event.event === 'route-rejected') refused.push(`${event.route}: ${event.reason}`);
      options.log?.(event);
    },
  });
  return {
    plane,
    refused,
    cleanup: async () => {
      await plane.close();
      await cleanup();
    },
  };
}

/**
 * The elements and chains of both tables in a form that does not depend on slots and ids: each element without its
 * slot, each id replaced by what it refers to.
 */
export async function readElements(): Promise<string> {
  const lines: string[] = [];
  for (const family of ['ip', 'ip6']) {
    const listed = spawnSync('nft', ['list', 'table', family, 'switchboard'], { encoding: 'utf8' });
    if (listed.status !== 0) throw new Error(listed.stderr);
    const chains = new Map(
      [...listed.stdout.matchAll(/([0-9a-f]+:[0-9a-f]+) : goto (\S+?)[, ]/g)].map(([, number = '', chain = '']) => [
        number,
        chain,
      ]),
    );
    let set = '';
    for (const line of listed.stdout.replace(/,\s*\n\s*/g, ', ').split('\n')) {
      const head = /^\t(?:set|map|chain) (\S+) \{/.exec(line);
      if (head?.[1] !== undefined) {
        set = head[1];
        lines.push(`${family} ${set}`);
      }
      const elements = /elements = \{ (.*) \}/.exec(line)?.[1];
      if (elements === undefined || /^(node_)?sticky_clients$/.test(set)) continue;
      for (const element of elements.split(', ')) {
        const chain = /frontends$/.test(set) ? chains.get(/[0-9a-f]+:[0-9a-f]+$/.exec(element)?.[0] ?? '') : undefined;
        const named = chain === undefined ? element : element.replace(/[0-9a-f]+:[0-9a-f]+$/, chain);
        const plain = named
          .replace(/0x5b[0-9a-f]{6}/g, 'ID')
          .replace(/: [0-9a-f]+:[0-9a-f]+$/, ': SERVICE')
          .replace(/^(none|[0-9a-f]+:[0-9a-f]+) \. /, 'SLOT . ')
          .replace(/^[0-9a-f]+:[0-9a-f]+ : goto/, 'NUMBER : goto');
        lines.push(`${family} ${set} ${plain}`);
      }
    }
  }
  return lines.sort().join('\n');
}
