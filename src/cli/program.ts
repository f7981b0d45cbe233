import { Command, type Option } from '@commander-js/extra-typings';
import { cleanupCommand } from './commands/cleanup/command.ts';
import { completionCommand } from './commands/completion/command.ts';
import { diffCommand } from './commands/diff/command.ts';
import { dnsCommand } from './commands/dns/command.ts';
import { doctorCommand } from './commands/doctor/command.ts';
import { explainCommand } from './commands/explain/command.ts';
import { getCommand } from './commands/get/command.ts';
import { lintCommand } from './commands/lint/command.ts';
import { nodeCommand } from './commands/node/command.ts';
import { rbacCommand } from './commands/rbac/command.ts';
import { runCommand } from './commands/run/command.ts';
import { upCommand } from './commands/up/command.ts';
import { verifyCommand } from './commands/verify/command.ts';
import { versionCommand } from './commands/version/command.ts';

/**
 * The command tree. A command's file holds its flags; the work behind it is loaded when it is run, so that
 * `switchboard version` does not wait for what `up` needs.
 */
export function buildProgram(): Command {
  const program = new Command('switchboard')
    .description('Kubernetes Services, from port to targetPort, anywhere.')
    .addHelpText('after', EXAMPLES)
    .configureHelp({ optionDescription })
    .showHelpAfterError('(switchboard help COMMAND shows what it takes)')
    // What stands behind a command's name is its own: `dns install -f` is not the -f of `dns`.
    .enablePositionalOptions()
    .exitOverride();
  for (const command of [
    upCommand(),
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
    rbacCommand(),
    versionCommand(),
    completionCommand(() => program),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const below of command.commands) below.copyInheritedSettings(program);
  }
  return program;
}

/** commander's own text also tells of defaults that say nothing: false, and an empty list. */
function optionDescription(option: Option): string {
  const { argChoices, defaultValue, description } = option;
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const silent = defaultValue === undefined || typeof defaultValue === 'boolean' || Array.isArray(defaultValue);
  return `${description}${choices}${silent ? '' : ` (default: ${defaultValue})`}`;
}

const EXAMPLES = `
Examples:
  switchboard up -f k8s/                          serve the manifests' Services here; edits are live
  switchboard up -f k8s/ --run                    and run the pods' commands as local processes
  switchboard run -f k8s/ -- npm test             a command that finds them by name
  helm template shop ./chart | switchboard up -f -
  switchboard dns -f k8s/ --listen 127.0.0.1:1053 answer DNS for their names, as a cluster does
  switchboard get routes -f k8s/ -o wide          what leads where, and what does not, and why
  switchboard explain svc/web:80 -f k8s/          one port, hop by hop, and how to mend it
  switchboard lint k8s/                           faults in Services and ports, before anybody applies them
  switchboard diff base/ head/                    what a change would break

Exit codes: 0 fine, 1 a finding, 2 usage or input. Errors (SWB_...) are explained in docs/errors.md.`;
