import { Command, type CommandUnknownOpts, type Option } from '@commander-js/extra-typings';
import { SwitchboardError } from '../errors.ts';
import { cleanupCommand } from './commands/cleanup/command.ts';
import { completionCommand } from './commands/completion/command.ts';
import { diffCommand } from './commands/diff/command.ts';
import { dnsCommand } from './commands/dns/command.ts';
import { doctorCommand } from './commands/doctor/command.ts';
import { downCommand } from './commands/down/command.ts';
import { execCommand } from './commands/exec/command.ts';
import { explainCommand } from './commands/explain/command.ts';
import { getCommand } from './commands/get/command.ts';
import { jobCommand } from './commands/job/command.ts';
import { lintCommand } from './commands/lint/command.ts';
import { logsCommand } from './commands/logs/command.ts';
import { nodeCommand } from './commands/node/command.ts';
import { psCommand } from './commands/ps/command.ts';
import { rbacCommand } from './commands/rbac/command.ts';
import { restartCommand } from './commands/restart/command.ts';
import { runCommand } from './commands/run/command.ts';
import { upCommand } from './commands/up/command.ts';
import { verifyCommand } from './commands/verify/command.ts';
import { versionCommand } from './commands/version/command.ts';
import { volumesCommand } from './commands/volumes/command.ts';
import { print, printErr } from './terminal.ts';

/**
 * The command tree. It loads the flags of all commands, and the work of a command only when that command runs, so that
 * `switchboard version` does not load what `up` needs.
 */
export function buildProgram(): Command {
  const program = new Command('switchboard')
    .description('Kubernetes Services, from port to targetPort, anywhere.')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ optionDescription })
    .configureOutput({ writeOut: print, writeErr: printErr, outputError })
    // Options after a subcommand belong to it: the -f of `dns install -f` is not the one of `dns`.
    .enablePositionalOptions()
    .exitOverride();
  for (const command of [
    upCommand(),
    psCommand(),
    logsCommand(),
    execCommand(),
    restartCommand(),
    downCommand(),
    runCommand(),
    dnsCommand(),
    doctorCommand(),
    getCommand(),
    explainCommand(),
    lintCommand(),
    diffCommand(),
    nodeCommand(),
    verifyCommand(),
    cleanupCommand(),
    jobCommand(),
    volumesCommand(),
    rbacCommand(),
    versionCommand(),
    completionCommand(() => program),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const below of command.commands) below.copyInheritedSettings(program);
    rejectContradictions(command);
  }
  nameHelpAfterErrors(program, 'switchboard');
  return program;
}

/** `--no-dns` together with `--dns ADDRESS`: of two flags with one value, commander would silently use the later one. */
function rejectContradictions(command: CommandUnknownOpts): void {
  for (const negated of command.options.filter(option => option.negate)) {
    const positive = command.options.find(
      option => !option.negate && option.required && option.attributeName() === negated.attributeName(),
    );
    if (positive === undefined) continue;
    const given = new Set<Option>();
    for (const option of [negated, positive]) {
      command.on(`option:${option.name()}`, () => {
        given.add(option);
        if (given.size < 2) return;
        throw new SwitchboardError(
          'SWB_USAGE',
          `${positive.long} and ${negated.long} exclude each other: use one of them`,
        );
      });
    }
  }
}

/** Commander's own words for an invalid argument name its classes. */
function outputError(text: string, write: (text: string) => void): void {
  write(text.replace(/command-argument value '(.*)' is invalid for argument '(.*?)'\./, "'$1' is invalid for <$2>."));
}

/** An error of the command line ends with the help of the command that the user typed. */
function nameHelpAfterErrors(command: CommandUnknownOpts, path: string): void {
  command.showHelpAfterError(`(see: ${path} --help)`);
  for (const below of command.commands) nameHelpAfterErrors(below, `${path} ${below.name()}`);
}

/** Omits the defaults that commander prints but that mean nothing to users: false, and an empty list. */
function optionDescription(option: Option): string {
  const { argChoices, defaultValue, description } = option;
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const silent = defaultValue === undefined || typeof defaultValue === 'boolean' || Array.isArray(defaultValue);
  return `${description}${choices}${silent ? '' : ` (default: ${defaultValue})`}`;
}

const EXAMPLES = `
Examples:
  switchboard up -f k8s/                          serve the Services of manifests; edits take effect at once
  switchboard up -f k8s/ --run                    also run the commands of pods as local processes
  switchboard run -f k8s/ -- npm test             run a command that reaches Services by name
  helm template shop ./chart | switchboard up -f -
  switchboard dns -f k8s/ --listen 127.0.0.1:1053 serve DNS for Services, as a cluster does
  switchboard get routes -f k8s/ -o wide          list routes, their endpoints and their state
  switchboard explain svc/web:80 -f k8s/          explain one port, hop by hop, and the fix
  switchboard lint k8s/                           find faults before the manifests are applied
  switchboard diff base/ head/                    show what a change would break

Exit codes: 0 success, 1 findings, 2 invalid usage or input. docs/errors.md explains errors (SWB_...).`;
