import { describe, expect, it } from 'vitest';
import type { Nft } from './nft/nft.ts';
import { openNft } from './nft/open.ts';
import { resolveOptions } from './options.ts';
import { preflight } from './preflight.ts';

/** A kernel that rejects commands that match, and that has these tables. */
function kernelWithout(
  lacks: RegExp,
  tables: readonly string[] = [],
  error = 'Error: Could not process rule: No such file or directory',
): Nft {
  return {
    name: 'a fake',
    async run(text, options = {}) {
      if (text.startsWith('list tables')) {
        const list = tables.map(table => {
          const [family, name] = table.split(' ');
          return { table: { family, name } };
        });
        return { ok: true, output: JSON.stringify({ nftables: list }), error: '' };
      }
      if (text.startsWith('list')) return { ok: false, output: '', error: 'No such file or directory' };
      if (options.check !== true) throw new Error(`the preflight changes something: ${text}`);
      return lacks.test(text) ? { ok: false, output: '', error } : { ok: true, output: '', error: '' };
    },
    close() {},
  };
}

const NOTHING = /(?!)/;
const options = resolveOptions({ nodeAddresses: ['192.0.2.1'] });

describe('preflight', () => {
  it('passes if the kernel has all features, and changes nothing', async () => {
    await expect(preflight(kernelWithout(NOTHING), options)).resolves.toBeUndefined();
  });

  it.each([
    ['random numbers', /numgen/, 'CONFIG_NFT_NUMGEN'],
    ['hashes', /jhash/, 'CONFIG_NFT_HASH'],
    ['masquerading', /masquerade/, 'CONFIG_NFT_MASQ'],
    ['the lookup of local addresses', /\bfib\b/, 'CONFIG_NFT_FIB_INET'],
    ['refusing', /\breject\b/, 'CONFIG_NFT_REJECT'],
    ['connection tracking', /\bct (state|mark)/, 'CONFIG_NFT_CT'],
    ['translation by a map', /dnat .* map/, '5.7'],
    ['ranges over several fields', /inet_service(?: \. \S+)?; flags interval/, '5.6'],
    ['maps that remember', /flags dynamic,timeout/, 'time-out'],
  ])('a kernel without %s: it is named', async (_name, lacks, word) => {
    const refused = preflight(kernelWithout(lacks), options);
    await expect(refused).rejects.toMatchObject({ code: 'SWB_NFT_UNSUPPORTED' });
    await expect(refused).rejects.toThrow(word);
  });

  it('names both features that a kernel lacks, and no others', async () => {
    const refused = preflight(kernelWithout(/numgen|masquerade/), options);
    await expect(refused).rejects.toThrow(/CONFIG_NFT_NUMGEN.*; .*CONFIG_NFT_MASQ/);
    await expect(refused).rejects.not.toThrow(/CONFIG_NFT_FIB_INET/);
  });

  it('reports the kernel’s error if no feature is missing', async () => {
    const refused = preflight(kernelWithout(/map sticky_clients/, [], 'Error: No buffer space available'), options);
    await expect(refused).rejects.toMatchObject({ code: 'SWB_NFT_UNSUPPORTED' });
    await expect(refused).rejects.toThrow('No buffer space available');
  });

  it('names the family if the kernel has no IPv6 tables', async () => {
    await expect(preflight(kernelWithout(/\bip6 /), options)).rejects.toThrow('IPv6');
  });

  it('names the module if the kernel has no nftables', async () => {
    const refused = preflight(kernelWithout(/./, [], 'Error: Protocol not supported'), options);
    await expect(refused).rejects.toMatchObject({ code: 'SWB_NFT_UNSUPPORTED' });
    await expect(refused).rejects.toThrow('nf_tables');
  });

  it('names the capability if rights are missing', async () => {
    const refused = preflight(
      kernelWithout(/./, [], 'Error: Could not process rule: Operation not permitted'),
      options,
    );
    await expect(refused).rejects.toMatchObject({ code: 'SWB_NFT_PERMISSION' });
    await expect(refused).rejects.toThrow('CAP_NET_ADMIN');
  });

  it.each(['ip kube-proxy', 'ip6 kube-proxy', 'inet kube-proxy'])(
    'the table %s is seen, unless it is not to be',
    async table => {
      const nft = kernelWithout(NOTHING, ['inet filter', table]);
      const refused = preflight(nft, options);
      await expect(refused).rejects.toMatchObject({ code: 'SWB_OTHER_PROXY' });
      await expect(refused).rejects.toThrow(`table ${table}`);
      await expect(preflight(nft, resolveOptions({ ...options, force: true }))).resolves.toBeUndefined();
    },
  );

  it('ignores tables that do not belong to a proxy', async () => {
    await expect(
      preflight(kernelWithout(NOTHING, ['inet kube-proxy-old', 'ip nat']), options),
    ).resolves.toBeUndefined();
  });
});

describe('neither library nor program', () => {
  it('reports what to install', () => {
    const open = () => openNft({ library: 'libnone.so.9', program: 'no-such-nft' });
    expect(open).toThrow(/libnone\.so\.9.*no-such-nft.*libnftables1.*nftables.*nft program/s);
  });
});
