/**
 * The grammars of names and keys in the Kubernetes API ("Object Names and IDs", "Labels and Selectors").
 * Each function returns what is wrong with a text, worded to follow the text (`"Web" must contain ...`), or undefined.
 *
 * @module
 */

type Problem = string | undefined;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const MAX_LABEL_LENGTH = 63;
const MAX_SUBDOMAIN_LENGTH = 253;

/** RFC 1123 label. */
export function dnsLabelProblem(text: string): Problem {
  if (text.length > MAX_LABEL_LENGTH) return `has ${text.length} characters; at most ${MAX_LABEL_LENGTH} are allowed`;
  if (LABEL.test(text)) return undefined;
  return 'may contain only lower-case letters, digits and "-", and must start and end with a letter or digit';
}

/** RFC 1035 label: an RFC 1123 label that starts with a letter. */
export function startsWithLetter(text: string): boolean {
  return LABEL_1035.test(text);
}

/** RFC 1123 subdomain: labels separated by dots. */
export function dnsSubdomainProblem(text: string): Problem {
  if (text.length > MAX_SUBDOMAIN_LENGTH) {
    return `has ${text.length} characters; at most ${MAX_SUBDOMAIN_LENGTH} are allowed`;
  }
  if (text.split('.').every(label => LABEL.test(label))) return undefined;
  return 'may contain only lower-case letters, digits, "-" and ".", and each part must start and end with a letter or digit';
}

/** `name` or `prefix.example/name`: keys of labels and annotations, appProtocol, loadBalancerClass. */
export function qualifiedNameProblem(text: string): Problem {
  const parts = text.split('/');
  if (parts.length > 2) return 'may contain at most one "/", between a DNS name and a name';
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix === '') return 'has an empty prefix before "/"';
  if (prefix !== undefined && dnsSubdomainProblem(prefix) !== undefined) {
    return 'must have a DNS name in lower case before "/"';
  }
  if (name === '') return 'has no name after "/"';
  if (name.length > MAX_LABEL_LENGTH) return `has a name of more than ${MAX_LABEL_LENGTH} characters`;
  if (QUALIFIED.test(name)) return undefined;
  return 'may contain only letters, digits, "-", "_" and ".", and must start and end with a letter or digit';
}

export function labelValueProblem(text: string): Problem {
  if (text.length > MAX_LABEL_LENGTH) return `has ${text.length} characters; at most ${MAX_LABEL_LENGTH} are allowed`;
  if (text === '' || QUALIFIED.test(text)) return undefined;
  return 'may contain only letters, digits, "-", "_" and ".", and must start and end with a letter or digit';
}

/** The name of a container port (RFC 6335, IANA service names). */
export function portNameProblem(text: string): Problem {
  if (text === '') return 'is empty';
  if (text.length > 15) return `has ${text.length} characters; at most 15 are allowed`;
  if (!/^[-a-z0-9]+$/.test(text)) return 'may contain only lower-case letters, digits and "-"';
  if (!/[a-z]/.test(text)) return 'must contain at least one letter (a-z)';
  if (text.includes('--')) return 'may not contain two "-" in a row';
  if (text.startsWith('-') || text.endsWith('-')) return 'may not start or end with "-"';
  return undefined;
}

/** Printable ASCII without `=`, since Kubernetes 1.34 (RelaxedEnvironmentVariableValidation). */
export function envNameProblem(text: string): Problem {
  return /^[ -<>-~]+$/.test(text) ? undefined : 'may contain only printable ASCII characters other than "="';
}

/** A key in a ConfigMap or Secret. */
export function configKeyProblem(text: string): Problem {
  if (text.length > MAX_SUBDOMAIN_LENGTH) {
    return `has ${text.length} characters; at most ${MAX_SUBDOMAIN_LENGTH} are allowed`;
  }
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) return 'may contain only letters, digits, "-", "_" and "."';
  return text === '.' || text.startsWith('..') ? 'may not be "." or start with ".."' : undefined;
}

export function headerNameProblem(text: string): Problem {
  return /^[-A-Za-z0-9]+$/.test(text) ? undefined : 'may contain only letters, digits and "-"';
}
