/** Whether two plain values are deeply equal. Stops at the first difference, which comparing JSON texts would not. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameData(item, b[index]));
  }
  const names = Object.keys(a);
  // Objects of classes may hold data that has no keys, so they are equal only if they are the same.
  if (names.length === 0 && !(isPlain(a) && isPlain(b))) return false;
  if (names.length !== Object.keys(b).length) return false;
  return names.every(name => Object.hasOwn(b, name) && sameData(Reflect.get(a, name), Reflect.get(b, name)));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Returns `before` if `now` is deeply equal, so that unchanged data is stored once and survives garbage collection. */
export function sameOr<T>(before: T | undefined, now: T): T {
  return before !== undefined && sameData(before, now) ? before : now;
}
