import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Makes a self-signed certificate, valid for one day, with the command openssl; see `commandsMissing`. */
export async function selfSigned(commonName: string): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', `/CN=${commonName}`, '-days', '1'];
    const args = ['req', '-x509', ...algorithm, ...subject, '-keyout', key, '-out', cert];
    await promisify(execFile)('openssl', args);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
