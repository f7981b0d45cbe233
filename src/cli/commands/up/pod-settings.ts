import { readFile } from 'node:fs/promises';
import { messageOf, SwitchboardError } from '../../../errors.ts';
import {
  type EnvOverride,
  EnvOverrides,
  type ImageOverride,
  ImageOverrides,
  parseEnvFile,
  parseEnvFileFlag,
  parseEnvFlag,
  parseImageFlag,
} from '../../../pods/index.ts';
import type { PodSettings } from '../../local-pods.ts';
import type { UpFlags } from './flags.ts';

/** Reads the flags about pods; files before single variables, so that those win. @throws SWB_USAGE */
export async function readPodSettings(
  flags: Pick<UpFlags, 'env' | 'envFile' | 'allowHostPath' | 'cron' | 'image' | 'build'>,
  runs: boolean,
): Promise<Required<PodSettings>> {
  const { env, envFile, allowHostPath, cron, image, build } = flags;
  const given = { env, 'env-file': envFile, 'allow-host-path': allowHostPath, image, build };
  const [forPods] = Object.entries(given).flatMap(([name, values]) => (values.length > 0 ? [name] : []));
  if (!runs && (cron || forPods !== undefined)) {
    throw new SwitchboardError('SWB_USAGE', `--${forPods ?? 'cron'} is for pods that run here: add --run`);
  }
  const files = await Promise.all(envFile.map(readEnvFile));
  const overrides = [...files, ...env.map(text => parseEnvFlag(text, process.env))];
  return {
    env: new EnvOverrides(overrides),
    hostPaths: allowHostPath,
    cron,
    images: new ImageOverrides(imagesOf(flags)),
  };
}

/** The images of `--image`, and those that `--build` makes before anything starts. */
function imagesOf({ image, build }: Pick<UpFlags, 'image' | 'build'>): ImageOverride[] {
  const named = image.map(text => {
    const { value, ...target } = parseImageFlag('--image', text);
    return { ...target, image: value };
  });
  return [...named, ...build.map(text => buildOf(text).override)];
}

/** A folder to build, and the image that comes of it. @throws SWB_USAGE */
export function buildOf(text: string): { readonly folder: string; readonly override: ImageOverride } {
  const { value: folder, ...target } = parseImageFlag('--build', text);
  const tag = `switchboard/${target.target.replace('/', '-')}${target.container === undefined ? '' : `-${target.container}`}:build`;
  return { folder, override: { ...target, image: tag } };
}

async function readEnvFile(text: string): Promise<EnvOverride> {
  const { target, file } = parseEnvFileFlag(text);
  const content = await readFile(file, 'utf8').catch(error => {
    throw new SwitchboardError('SWB_USAGE', `--env-file ${file}: ${messageOf(error)}`);
  });
  const values = parseEnvFile(file, content, process.env);
  return { flag: `--env-file ${text}`, ...(target === undefined ? {} : { target }), values };
}
