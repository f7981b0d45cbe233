import type { Command } from '@commander-js/extra-typings';
import {
  type FlagsOf,
  NAMESPACE_TO_READ,
  withAgainst,
  withInput,
  withNftables,
  withTextOrJson,
} from '../../options/index.ts';

export function withVerifyFlags(command: Command) {
  return withTextOrJson(withNftables(withAgainst(withInput(command, NAMESPACE_TO_READ))));
}

export type VerifyFlags = FlagsOf<typeof withVerifyFlags>;
