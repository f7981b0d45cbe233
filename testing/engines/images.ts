import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineApi } from '../../src/engine/api/api.ts';
import { jsonLines } from '../../src/engine/api/json-lines.ts';
import { type RegistryAuth, registryAuthHeader } from '../../src/engine/images/credentials.ts';
import { throwIfFailed } from '../../src/engine/images/pull-progress.ts';
import { parseReference, referenceText, repositoryText } from '../../src/engine/images/reference.ts';
import type { Engine, Image } from '../../src/engine/index.ts';
import type { EngineServer } from './engine-server.ts';

/** Builds an image from Debian's static busybox; further lines of the Dockerfile follow. No registry is needed. */
export async function buildBusybox(engine: Engine, tag: string, lines: readonly string[] = []): Promise<Image> {
  const folder = mkdtempSync(join(tmpdir(), 'swbimage-'));
  try {
    mkdirSync(join(folder, 'bin'));
    copyFileSync('/bin/busybox', join(folder, 'bin/busybox'));
    const dockerfile = [
      'FROM scratch',
      'COPY bin/busybox /bin/busybox',
      'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
      ...lines,
    ].join('\n');
    writeFileSync(join(folder, 'Dockerfile'), dockerfile);
    return await engine.images.build(folder, { tag });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives a local image a name in a registry and pushes it there. */
export async function push(server: EngineServer, source: string, target: string, auth?: RegistryAuth): Promise<void> {
  const api = await EngineApi.open({ kind: 'socket', path: server.socket });
  api.useVersion('1.41');
  const [from, to] = [parseReference(source), parseReference(target)];
  if (from === undefined || to === undefined) throw new TypeError('not a reference');
  const doing = `push ${target}`;
  const query = { repo: repositoryText(to), tag: to.tag };
  await api.json({ method: 'POST', path: `/images/${referenceText(from)}/tag`, query, doing });
  const stream = await api.stream({
    method: 'POST',
    path: `/images/${repositoryText(to)}/push`,
    query: { tag: to.tag },
    // Docker demands the header even where the registry does not.
    registryAuth: auth === undefined ? Buffer.from('{}').toString('base64') : registryAuthHeader(auth),
    doing,
  });
  for await (const line of jsonLines(stream)) throwIfFailed(line, doing);
}
