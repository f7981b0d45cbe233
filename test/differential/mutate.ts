/** One change of one value in an object; `undefined` removes it. */
export type Change = readonly [path: string, value: unknown];

/** Returns a changed copy of the object, as JSON: `undefined` is absent. */
export function changed(object: unknown, changes: readonly Change[]): unknown {
  let result = object;
  for (const [path, value] of changes) result = setAt(result, stepsOf(path), value);
  return JSON.parse(JSON.stringify(result));
}

export function changesText(changes: readonly Change[]): string {
  return changes.map(([path, value]) => `${path} = ${(JSON.stringify(value) ?? 'absent').slice(0, 120)}`).join(', ');
}

/** `spec.ports[0].port` -> spec, ports, 0, port. A step in quotes may contain dots: `metadata.annotations."a.b"`. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/"([^"]*)"|\[(\d+)\]|([^.[\]"]+)/g)].map(([, quoted, index, plain]) =>
    index === undefined ? (quoted ?? plain ?? '') : Number(index),
  );
}

function setAt(container: unknown, steps: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(container) ? [...container] : [];
    list[step] = setAt(list[step], rest, value);
    return list;
  }
  const record = typeof container === 'object' && container !== null && !Array.isArray(container) ? container : {};
  const current = Object.entries(record).find(([key]) => key === step)?.[1];
  return { ...record, [step]: setAt(current, rest, value) };
}
