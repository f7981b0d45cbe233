/**
 * `$(NAME)` becomes the value of NAME if it is defined, and stays as it is otherwise; `$$` is one `$`
 * (Kubernetes "Define Dependent Environment Variables").
 */
export function expand(text: string, defined: Readonly<Record<string, string>>): string {
  return text.replace(REFERENCE, (whole, escaped: string, name: string | undefined) => {
    if (escaped === '$') return '$';
    return (name === undefined ? undefined : own(defined, name)) ?? whole;
  });
}

/** The names in `text` that are not defined. */
export function undefinedNames(text: string, defined: Readonly<Record<string, string>>): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, , name]) =>
    name === undefined || Object.hasOwn(defined, name) ? [] : [name],
  );
}

const REFERENCE = /\$(\$|\(([^)]*)\))/g;

/** Own properties only, not for example `constructor`. */
export function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
