/** `npm run control-plane`: builds, starts and ends the control planes of the tests. */
import { resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { buildJudges } from './build.ts';
import { judgePath, parseJudge } from './judges.ts';
import { down, restartApiServer, up } from './lifecycle.ts';
import { KUBERNETES_VERSIONS, parseVersion, releaseOf, selectedVersion } from './versions.ts';

const program = new Command('npm run control-plane --')
  .description('Build, start and end a real Kubernetes control plane on loopback, for tests, benches and people.')
  .showHelpAfterError();

program
  .command('build [version...]', { isDefault: true })
  .description(
    `(the default) build etcd, kube-apiserver, kube-controller-manager and kube-proxy of ${KUBERNETES_VERSIONS.join(', ')}`,
  )
  .action(async versions => {
    const wanted = versions.length === 0 ? KUBERNETES_VERSIONS : versions.map(text => parseVersion(text, 'version'));
    for (const version of wanted) await buildJudges(version, line => console.error(line));
  });

program
  .command('up <directory>')
  .description('start a control plane whose files are in the directory, and wait until it is ready')
  .addOption(version())
  .option('--controllers', 'run the EndpointSlice controllers as well', false)
  .option('--service-cidr <ranges>', 'range of the cluster IPs; two with a comma between for dual stack')
  .action(async (directory, { kubernetes, controllers, serviceCidr }) => {
    const { settings } = await up(resolve(directory), {
      controllers,
      ...(kubernetes === undefined ? {} : { version: parseVersion(kubernetes, '--kubernetes') }),
      ...(serviceCidr === undefined ? {} : { serviceCidr }),
    });
    console.log(`Kubernetes ${releaseOf(settings.version)} is ready on https://127.0.0.1:${settings.ports.apiServer}`);
    console.log(`export KUBECONFIG=${resolve(directory, 'kubeconfig')}`);
  });

program
  .command('down <directory>')
  .description('end the control plane that was started in the directory')
  .action(directory => down(resolve(directory)));

program
  .command('restart-apiserver <directory>')
  .description('end the API server and start it again on the same port')
  .action(directory => restartApiServer(resolve(directory)));

program
  .command('binary <name>')
  .description('print the path of a built program: etcd, kube-apiserver, kube-controller-manager or kube-proxy')
  .addOption(version())
  .action((name, { kubernetes }) => {
    const wanted = kubernetes === undefined ? selectedVersion() : parseVersion(kubernetes, '--kubernetes');
    console.log(judgePath(parseJudge(name), wanted));
  });

function version() {
  return new Option('--kubernetes <version>', `one of ${KUBERNETES_VERSIONS.join(', ')} (default: the newest)`);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
