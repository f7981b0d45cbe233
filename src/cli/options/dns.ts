import { type Command, InvalidArgumentError, Option, type OptionValues } from '@commander-js/extra-typings';
import { collectUnlessNo } from './values.ts';

/** Whom to ask for names that are not ours; false: nobody. undefined: nothing was given. */
export type ForwardFlag = readonly string[] | false | undefined;

/** `--dns-forward`, where DNS is but a part of what a command does. */
export function withDnsForward<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command
    .addOption(
      new Option(
        '--dns-forward <[zone=]ip[:port]>',
        'DNS: whom to ask for other names (repeatable; default: resolv.conf)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-dns-forward', 'DNS: refuse other names');
}

export function withClusterDomain<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  description: string,
) {
  return command.option('--cluster-domain <name>', description, 'cluster.local');
}

/** How long a DNS answer may be kept (RFC 2181 has more; nobody wants a Service's address for longer than an hour). */
export function ttlSeconds(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('It must be a whole number from 0 to 3600.');
}
