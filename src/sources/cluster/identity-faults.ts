/**
 * Values of a kubeconfig that no request can carry. They are found before the first request, since the errors of sockets
 * and TLS name neither the file nor the field. Never part of a message: they may be secrets.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { validateHeaderValue } from 'node:http';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import type { Cluster, User } from './kubeconfig-file.ts';

/** A cluster and a user, with the kubeconfig files that they come from. */
export interface PlacedIdentity {
  readonly cluster: Cluster;
  readonly user: User | undefined;
  readonly clusterFile: string;
  readonly userFile: string;
}

/** @throws SWB_KUBECONFIG with the file, the entry and the field */
export async function checkIdentity({ cluster, user, clusterFile, userFile }: PlacedIdentity): Promise<void> {
  const fail = (file: string, entry: string, fault: string | undefined): void => {
    if (fault !== undefined) throw new SwitchboardError('SWB_KUBECONFIG', `${file}: ${entry}, ${fault}`);
  };
  fail(clusterFile, `cluster ${JSON.stringify(cluster.name)}`, await clusterFault(cluster));
  if (user !== undefined) fail(userFile, `user ${JSON.stringify(user.name)}`, await userFault(user));
}

async function clusterFault(cluster: Cluster): Promise<string | undefined> {
  const { server, proxyUrl, caFile, caData } = cluster;
  const schemes = ['http:', 'https:', 'socks5:', 'socks5h:'];
  const ca = await contentOf('certificate-authority', caFile, caData);
  return (
    faultOf('server', urlFault(server, ['https:', 'http:'])) ??
    (proxyUrl === undefined ? undefined : faultOf('proxy-url', urlFault(proxyUrl, schemes))) ??
    ca.fault ??
    faultOf(ca.field, certificateFault(ca.bytes))
  );
}

async function userFault(user: User): Promise<string | undefined> {
  const cert = await contentOf('client-certificate', user.certFile, user.certData);
  const key = await contentOf('client-key', user.keyFile, user.keyData);
  const token = await contentOf('tokenFile', user.tokenFile, undefined);
  const impersonation = { as: user.impersonateUser, 'as-uid': user.impersonateUid };
  const headers = { token: user.token, ...impersonation, tokenFile: token.bytes?.toString('utf8').trim() };
  const groups = user.impersonateGroups.map((name, index) => [`as-groups[${index}]`, name] as const);
  const headerFaults = [...Object.entries(headers), ...groups].map(([field, value]) =>
    value === undefined ? undefined : faultOf(field, headerFault(value)),
  );
  const found =
    headerFaults.find(fault => fault !== undefined) ??
    token.fault ??
    cert.fault ??
    key.fault ??
    faultOf(cert.field, certificateFault(cert.bytes)) ??
    faultOf(key.field, keyFault(key.bytes)) ??
    faultOf(key.field, pairFault(cert.bytes, key.bytes));
  return found ?? (user.exec === undefined ? providerFault(user) : undefined);
}

/** Why the kubeconfig's auth-provider cannot be used. */
export function providerFault({ authProvider }: User): string | undefined {
  if (authProvider === undefined || authProvider.name === 'oidc') return undefined;
  const name = JSON.stringify(authProvider.name);
  return `the auth-provider ${name} was removed from kubectl 1.26 and is not supported: use an exec plugin instead`;
}

/** Of the certificate and key that an exec plugin printed. */
export function pluginTlsFault(cert: string | undefined, key: string | undefined): string | undefined {
  const [certBytes, keyBytes] = [cert, key].map(text => (text === undefined ? undefined : Buffer.from(text)));
  if (certBytes === undefined && keyBytes !== undefined) return 'field status.clientCertificateData is missing';
  return (
    faultOf('status.clientCertificateData', certificateFault(certBytes)) ??
    faultOf('status.clientKeyData', keyFault(keyBytes)) ??
    faultOf('status.clientKeyData', pairFault(certBytes, keyBytes))
  );
}

export function faultOf(field: string, why: string | undefined): string | undefined {
  return why === undefined ? undefined : `field ${field} ${why}`;
}

/** Why a header cannot carry a value. */
export function headerFault(value: string): string | undefined {
  try {
    validateHeaderValue('Authorization', value);
    return undefined;
  } catch {
    return 'has a character that an HTTP header cannot carry, such as a line end';
  }
}

function urlFault(text: string, schemes: readonly string[]): string | undefined {
  const url = URL.parse(text);
  if (url !== null && schemes.includes(url.protocol) && url.hostname !== '') return undefined;
  const [first = '', ...others] = schemes.map(scheme => `${scheme}//`);
  return `is not a URL that starts with ${[first, ...others].join(' or ')}, such as ${first}HOST:PORT`;
}

interface Content {
  /** The field that has it: that of the file, or that of the data. */
  readonly field: string;
  readonly bytes?: Buffer;
  readonly fault?: string;
}

/** The file takes precedence over the data, as in client-go. */
async function contentOf(field: string, file: string | undefined, data: string | undefined): Promise<Content> {
  if (file === undefined) {
    const bytes = data === undefined ? {} : { bytes: Buffer.from(data, 'base64') };
    return { field: `${field}-data`, ...bytes };
  }
  try {
    return { field, bytes: await readFile(file) };
  } catch (error) {
    return { field, fault: `field ${field}: ${file} cannot be read: ${systemCodeOf(error) ?? messageOf(error)}` };
  }
}

function certificateFault(pem: Buffer | undefined): string | undefined {
  if (pem === undefined) return undefined;
  if (!/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(pem.toString('latin1'))) {
    return 'has no certificate in PEM (-----BEGIN CERTIFICATE-----)';
  }
  try {
    new X509Certificate(pem);
    return undefined;
  } catch (error) {
    return `has an invalid certificate: ${messageOf(error)}`;
  }
}

function keyFault(pem: Buffer | undefined): string | undefined {
  if (pem === undefined) return undefined;
  const text = pem.toString('latin1');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return 'has no private key in PEM (-----BEGIN PRIVATE KEY-----)';
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) return 'has an encrypted key, which is not supported';
  try {
    createPrivateKey(pem);
    return undefined;
  } catch (error) {
    return `has an invalid private key: ${messageOf(error)}`;
  }
}

function pairFault(cert: Buffer | undefined, key: Buffer | undefined): string | undefined {
  if (cert === undefined) return undefined;
  if (key === undefined) return 'is missing: a certificate needs its key';
  const belongs = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  return belongs ? undefined : 'has a key of another certificate';
}
