const PROXY = /^(https?|all|ftp)_proxy$/i;
/** `http://user:password@127.0.0.1:3128`, `localhost:3128`. */
const ON_LOOPBACK = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?(?:localhost|127\.|\[::1\])/i;

/**
 * The environment of a command among the pods: without the proxies that it cannot reach from there, and past the others
 * for the names of Services, which no proxy outside resolves.
 *
 * @param outward whether the command reaches the network outside
 * @param direct names that the command resolves itself
 */
export function withReachableProxies(
  own: NodeJS.ProcessEnv,
  outward: boolean,
  direct: readonly string[],
): NodeJS.ProcessEnv {
  const isGone = ([name, value = '']: [string, string | undefined]): boolean =>
    PROXY.test(name) && (!outward || ON_LOOPBACK.test(value));
  const kept = Object.entries(own).filter(entry => !isGone(entry));
  const environment = Object.fromEntries(kept);
  if (!kept.some(([name]) => PROXY.test(name))) return environment;
  // Programs that read both prefer the name in lower case.
  const before = own.no_proxy ?? own.NO_PROXY;
  const past = [...(before ? [before] : []), ...direct].join(',');
  return { ...environment, NO_PROXY: past, no_proxy: past };
}
