import { type Command, InvalidArgumentError, Option, type OptionValues } from '@commander-js/extra-typings';
import { collectUnlessNo } from './values.ts';

/** Upstream DNS servers for all other names; false: none. undefined: the flag is absent. */
export type ForwardFlag = readonly string[] | false | undefined;

/** `--dns-forward`, for commands that serve DNS among other things. */
export function withDnsForward<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .addOption(
      new Option(
        '--dns-forward <[zone=]ip[:port]>',
        'DNS: upstream server for all other names (repeatable; default: resolv.conf)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-dns-forward', 'DNS: refuse all other names');
}

export function withClusterDomain<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  description: string,
) {
  return command.option('--cluster-domain <name>', description, 'cluster.local');
}

/** TTL of DNS answers. RFC 2181 allows more, but a Service's address should not stay cached for over an hour. */
export function ttlSeconds(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 0 to 3600.');
}
