import { Command } from '@commander-js/extra-typings';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { fieldsOf, withNodeFlags } from './flags.ts';

function flagsOf(...argv: string[]) {
  return withNodeFlags(new Command('node')).parse(argv, { from: 'user' }).opts();
}

describe("kube-proxy's flags", () => {
  test('set the fields of its configuration that they stand for', () => {
    const flags = flagsOf('--proxy-mode', 'nftables', '--conntrack-min=1000', '--masquerade-all', '-v', '4');
    expect(fieldsOf(flags)).toEqual(
      new Map<string, unknown>([
        ['mode', 'nftables'],
        ['conntrack.min', '1000'],
        ['logging.verbosity', '4'],
        ['nftables.masqueradeAll', true],
      ]),
    );
  });

  test('set no other fields, whatever the flags of the agent itself are', () => {
    expect(fieldsOf(flagsOf('--log-level', 'debug', '--dns', '127.0.0.1:53', '--force'))).toEqual(new Map());
  });
});

test('flags have the types that their declarations give them', () => {
  const flags = flagsOf('--dns-ttl', '30', '--dns', '127.0.0.1:53', '--dns', '[::1]:53');
  expectTypeOf(flags.dnsTtl).toEqualTypeOf<number>();
  expectTypeOf(flags.dns).toEqualTypeOf<readonly string[]>();
  expectTypeOf(flags.dnsPods).toEqualTypeOf<'disabled' | 'insecure' | 'verified'>();
  expectTypeOf(flags.dnsForward).toEqualTypeOf<readonly string[] | false | undefined>();
  expectTypeOf(flags.config).toEqualTypeOf<string | undefined>();
  expect(flags).toMatchObject({ dnsTtl: 30, dns: ['127.0.0.1:53', '[::1]:53'], dnsPods: 'disabled' });
  expect(flagsOf('--no-dns-forward').dnsForward).toBe(false);
});
