import { readFile } from 'node:fs/promises';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import { type EnvOverride, EnvOverrides, parseEnvFile, parseEnvFileFlag, parseEnvFlag } from '../../../pods/index.ts';
import type { PodSettings } from '../../local-pods.ts';
import type { UpFlags } from './flags.ts';

/** Reads the flags about pods; files before single variables, so that those win. @throws SWB_USAGE */
export async function readPodSettings(
  flags: Pick<UpFlags, 'run' | 'env' | 'envFile' | 'allowHostPath' | 'cron'>,
): Promise<Required<PodSettings>> {
  const { run, env, envFile, allowHostPath, cron } = flags;
  if (!run && (cron || env.length + envFile.length + allowHostPath.length > 0)) {
    throw new SwitchboardError('SWB_USAGE', '--env, --env-file, --allow-host-path and --cron are for pods: add --run');
  }
  const files = await Promise.all(envFile.map(readEnvFile));
  const overrides = [...files, ...env.map(text => parseEnvFlag(text, process.env))];
  return { env: new EnvOverrides(overrides), hostPaths: allowHostPath, cron };
}

async function readEnvFile(text: string): Promise<EnvOverride> {
  const { target, file } = parseEnvFileFlag(text);
  const content = await readFile(file, 'utf8').catch(error => {
    throw new SwitchboardError('SWB_USAGE', `--env-file ${file}: ${messageOf(error)}`);
  });
  const values = parseEnvFile(file, content, process.env);
  return { flag: `--env-file ${text}`, ...(target === undefined ? {} : { target }), values };
}
