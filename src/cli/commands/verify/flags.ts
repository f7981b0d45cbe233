import type { Command } from '@commander-js/extra-typings';
import { type FlagsOf, withAgainst, withInput, withNftables, withTextOrJson } from '../../options/index.ts';

export function withVerifyFlags(command: Command) {
  return withTextOrJson(withNftables(withAgainst(withInput(command))));
}

export type VerifyFlags = FlagsOf<typeof withVerifyFlags>;
