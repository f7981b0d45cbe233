import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The user name and password of a proxy's clients. Every user of a machine can reach its loopback, and a proxy connects
 * with the rights and the network of the user who runs it, so only holders of the credential may use it.
 */
export class ProxyCredential {
  readonly user = 'switchboard';
  readonly password = randomBytes(16).toString('hex');

  /** `user:password` for a URL; neither needs escapes. */
  get userInfo(): string {
    return `${this.user}:${this.password}`;
  }

  /** Whether a `Proxy-Authorization` header holds it (RFC 7617). */
  isIn(header: string | undefined): boolean {
    const encoded = /^basic +(\S+)$/i.exec(header ?? '')?.[1];
    return encoded !== undefined && same(Buffer.from(encoded, 'base64').toString('latin1'), this.userInfo);
  }

  matches(user: string, password: string): boolean {
    return same(`${user}:${password}`, this.userInfo);
  }
}

/** Compares hashes, which have equal length, in constant time. */
function same(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
