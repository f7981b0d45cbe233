import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Name and password of a proxy's clients. Loopback is open to every user of a machine, and a proxy connects with the
 * rights and the network of the user who runs it; so only those who were given the credential may use it.
 */
export class ProxyCredential {
  readonly user = 'switchboard';
  readonly password = randomBytes(16).toString('hex');

  /** `user:password`, as it stands in a URL; neither has characters that would need an escape. */
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

/** Compared by their hashes, which have one length, in a time that says nothing of where they differ. */
function same(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
