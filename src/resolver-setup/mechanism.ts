import { folderWasMade, isOwn, ownText } from './own-file.ts';
import type { Plan, Step } from './plan.ts';
import type { SystemState } from './system-state.ts';

export const MECHANISMS = ['systemd-resolved', 'networkmanager', 'dnsmasq', 'macos', 'windows'] as const;
export type MechanismName = (typeof MECHANISMS)[number];

/** Send queries for names in the domain to this server, and no others. */
export interface Rule {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
}

/** A rule that is installed in the system. */
export interface Installed {
  readonly mechanism: MechanismName;
  /** Where it is: a file, or a description. */
  readonly place: string;
  /** undefined: it has Switchboard's mark, but was edited. */
  readonly rule: Rule | undefined;
  /** The steps that remove it. */
  readonly undo: readonly Step[];
}

export type Decision =
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** It is already installed. */
  | { readonly kind: 'done'; readonly place: string }
  /** `conflict`: other settings are in the way. `unsupported`: the system does not support it. */
  | { readonly kind: 'conflict' | 'unsupported'; readonly why: string };

/** How to make one kind of resolver use a server for one domain. Pure: reads only the system state. */
export interface Mechanism {
  readonly name: MechanismName;
  install(rule: Rule, state: SystemState): Decision;
  installed(state: SystemState): readonly Installed[];
}

/** A mechanism that is configured by one file. */
export interface FileMechanism {
  readonly name: MechanismName;
  path(domain: string): string;
  lines(rule: Rule): readonly string[];
  /** Parses the rule in such lines. */
  read(text: string): Rule | undefined;
  /** The commands that make the system read it. */
  readonly reload: readonly (readonly string[])[];
  readonly notes?: readonly string[];
  /** The reason why it is impossible here; undefined if it is possible. */
  refuses?(rule: Rule, state: SystemState): Extract<Decision, { why: string }> | undefined;
}

export function fileMechanism(file: FileMechanism): Mechanism {
  const reload = file.reload.map((command): Step => ({ kind: 'run', command }));
  return {
    name: file.name,
    install: (rule, state) => {
      const refused = file.refuses?.(rule, state);
      if (refused !== undefined) return refused;
      const path = file.path(rule.domain);
      const before = state.files.get(path);
      if (before !== undefined && !isOwn(before)) {
        return {
          kind: 'conflict',
          why: `${path} exists and was not written by "switchboard dns install": move it away`,
        };
      }
      const folderMade = before === undefined ? !state.folders.has(folderOf(path)) : folderWasMade(before);
      const text = ownText(file.lines(rule), { folderMade });
      if (before === text) return { kind: 'done', place: path };
      return { kind: 'plan', plan: { steps: [{ kind: 'write', path, text }, ...reload], notes: file.notes ?? [] } };
    },
    installed: state =>
      [...state.files]
        .filter(([path, text]) => isOwn(text) && path === file.path(file.read(text)?.domain ?? baseOf(path)))
        .map(([path, text]) => ({
          mechanism: file.name,
          place: path,
          rule: file.read(text),
          undo: [
            { kind: 'remove', path, folderToo: folderWasMade(text) },
            ...file.reload.map(command => ({ kind: 'run', command, mayFail: true }) as const),
          ],
        })),
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
