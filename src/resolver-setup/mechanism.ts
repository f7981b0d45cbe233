import type { ResolverFacts } from './facts.ts';
import { folderWasMade, isOwn, ownText } from './own-file.ts';
import type { Plan, Step } from './plan.ts';

export const MECHANISMS = ['systemd-resolved', 'networkmanager', 'dnsmasq', 'macos', 'windows'] as const;
export type MechanismName = (typeof MECHANISMS)[number];

/** What the system is told: names below the domain are asked there, and no others. */
export interface Rule {
  readonly domain: string;
  readonly address: string;
  readonly port: number;
}

/** A rule of ours that is in the system. */
export interface Installed {
  readonly mechanism: MechanismName;
  /** Where it stands: a file, or words for it. */
  readonly place: string;
  /** undefined: it is ours by its mark, and does not say what ours say. */
  readonly rule: Rule | undefined;
  /** What takes it away. */
  readonly undo: readonly Step[];
}

export type Decision =
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** It is there already, to the letter. */
  | { readonly kind: 'done'; readonly place: string }
  /** `conflict`: somebody else's settings are in the way. `unsupported`: the system cannot do it. */
  | { readonly kind: 'conflict' | 'unsupported'; readonly why: string };

/** How one kind of system is told to ask a server for one domain. Pure: all that is read stands in the facts. */
export interface Mechanism {
  readonly name: MechanismName;
  install(rule: Rule, facts: ResolverFacts): Decision;
  installed(facts: ResolverFacts): readonly Installed[];
}

/** A mechanism that is told by one file. */
export interface FileMechanism {
  readonly name: MechanismName;
  path(domain: string): string;
  lines(rule: Rule): readonly string[];
  /** The rule that such lines hold. */
  read(text: string): Rule | undefined;
  /** What makes the system read it. */
  readonly reload: readonly (readonly string[])[];
  readonly notes?: readonly string[];
  /** Why it cannot be done here, if it cannot. */
  refuses?(rule: Rule, facts: ResolverFacts): Extract<Decision, { why: string }> | undefined;
}

export function fileMechanism(file: FileMechanism): Mechanism {
  const reload = file.reload.map((command): Step => ({ kind: 'run', command }));
  return {
    name: file.name,
    install: (rule, facts) => {
      const refused = file.refuses?.(rule, facts);
      if (refused !== undefined) return refused;
      const path = file.path(rule.domain);
      const before = facts.files.get(path);
      if (before !== undefined && !isOwn(before)) {
        return { kind: 'conflict', why: `${path} is there, and was not made by "switchboard dns install"` };
      }
      const folderMade = before === undefined ? !facts.folders.has(folderOf(path)) : folderWasMade(before);
      const text = ownText(file.lines(rule), { folderMade });
      if (before === text) return { kind: 'done', place: path };
      return { kind: 'plan', plan: { steps: [{ kind: 'write', path, text }, ...reload], notes: file.notes ?? [] } };
    },
    installed: facts =>
      [...facts.files]
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
