import {
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityValue,
  roundUpToMilli,
  ZERO,
} from '../../quantity.ts';
import type { ResourceList } from '../../running.ts';
import type { ResourceReference } from '../../volumes.ts';
import type { Field } from '../field.ts';
import { qualifiedNameProblem } from '../grammar.ts';
import { shown } from '../wording.ts';
import { RESOURCE_REF_FIELDS, RESOURCES_FIELDS } from './fields.ts';

const QUANTITY_FIX = 'write a number with a suffix such as m, k, M, Ki or Mi: 500m, 64Mi';
const COMPUTE = ['cpu', 'memory'];
const NATIVE = [...COMPUTE, 'ephemeral-storage'];
const HUGE_PAGES = 'hugepages-';
const RESOURCES = /^(limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-.*)$/;

/** @returns undefined if it is absent or invalid */
export function readQuantity(field: Field): Quantity | undefined {
  const text = field.numberOrText();
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text.trim());
  if (quantity === undefined) field.fault(`${shown(text)} is not a quantity`, QUANTITY_FIX);
  return quantity;
}

/** As {@link readQuantity}, and faults amounts below 0. */
export function readAmount(field: Field): Quantity | undefined {
  const quantity = readQuantity(field);
  if (isNegative(quantity)) field.fault(`${quantity} is less than 0`, 'write 0 or more');
  return quantity;
}

function isNegative(quantity: Quantity | undefined): boolean {
  return quantity !== undefined && compareQuantities(quantity, ZERO) < 0;
}

export interface Resources {
  readonly limits: ResourceList;
  readonly requests: ResourceList;
}

/** Limits and requests of a container. In a pod, the API takes limits as requests where there are none. */
export function readResources(field: Field, place: 'pod' | 'template'): Resources {
  field.noteUnknownFields(RESOURCES_FIELDS);
  const limits = readList(field.child('limits'));
  const given = readList(field.child('requests'));
  const requests = place === 'pod' ? { ...limits, ...given } : given;
  const requestsField = field.child('requests');
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) {
      if (mustBeEqual(name))
        field.child('limits').fault(`${name} has a request but no limit`, 'write the same limit for it');
      continue;
    }
    const difference = compareQuantities(request, limit);
    if (difference > 0 || (difference !== 0 && mustBeEqual(name))) {
      const rule = mustBeEqual(name) ? 'must be equal to' : 'is more than';
      requestsField.fault(`the ${name} request ${request} ${rule} the limit ${limit}`, 'change one of them');
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(name => name.startsWith(HUGE_PAGES)) && !names.some(name => COMPUTE.includes(name))) {
    field.fault('huge pages need a cpu or memory limit or request', 'add one');
  }
  return { limits, requests };
}

function mustBeEqual(name: string): boolean {
  return (name.includes('/') && !name.includes('kubernetes.io/')) || name.startsWith(HUGE_PAGES);
}

function readList(field: Field): ResourceList {
  const pairs: (readonly [string, Quantity])[] = [];
  for (const [name, item] of field.entries()) {
    const quantity = item.isSet ? readAmount(item) : ZERO;
    const problem = resourceNameProblem(name);
    if (problem !== undefined) item.fault(`${shown(name)} ${problem}`, 'write cpu, memory or ephemeral-storage');
    if (quantity === undefined) continue;
    const rounded = roundUpToMilli(quantity);
    requireWhole(item, name, rounded);
    pairs.push([name, rounded]);
  }
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function resourceNameProblem(name: string): string | undefined {
  const problem = qualifiedNameProblem(name);
  if (problem !== undefined) return problem;
  if (!name.includes('/')) {
    return NATIVE.includes(name) || name.startsWith(HUGE_PAGES) ? undefined : 'is not a resource of containers';
  }
  if (name.includes('kubernetes.io/')) return undefined;
  if (name.startsWith('requests.')) return 'starts with "requests."';
  return qualifiedNameProblem(`requests.${name}`);
}

/** Other resources are counted in whole units, and huge pages in pages. */
function requireWhole(item: Field, name: string, quantity: Quantity): void {
  if (name.startsWith(HUGE_PAGES)) {
    const page = parseQuantity(name.slice(HUGE_PAGES.length));
    if (page === undefined || !isMultiple(quantity, page)) {
      item.fault(`${quantity} is not a multiple of the page size in ${shown(name)}`, 'write a multiple of it');
    }
  } else if (name.includes('/') && !name.includes('kubernetes.io/') && /m$/.test(quantity)) {
    item.fault(`${quantity} is not a whole number`, 'write a whole number');
  }
}

function isMultiple(quantity: Quantity, page: Quantity): boolean {
  if (compareQuantities(page, ZERO) <= 0 || /[num]$/.test(page)) return false;
  return quantityValue(quantity) % quantityValue(page) === 0n;
}

const DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** `resourceFieldRef`. Files must name the container, variables need not. */
export function readResourceRef(field: Field, use: 'variable' | 'file'): ResourceReference {
  field.noteUnknownFields(RESOURCE_REF_FIELDS);
  const resourceField = field.child('resource');
  const resource = resourceField.string() ?? '';
  const containerName = field.child('containerName').text();
  const fix = 'write one such as limits.cpu or requests.memory';
  if (use === 'file' && containerName === undefined) {
    const nameField = field.child('containerName');
    if (nameField.isText) nameField.fault('the container is missing', 'name the container that has the resource');
  } else if (resourceField.isText && resource === '') resourceField.fault('the resource is missing', fix);
  else if (resourceField.isText && !RESOURCES.test(resource)) {
    resourceField.fault(`${shown(resource)} is not a resource that resourceFieldRef supports`, fix);
  }
  const divisorField = field.child('divisor').forRunning();
  const divisor = readQuantity(divisorField) ?? ZERO;
  const allowed = resource.endsWith('.cpu') ? ['1m', '1'] : DIVISORS;
  if (divisor !== '0' && RESOURCES.test(resource) && !allowed.includes(divisor)) {
    divisorField.fault(`${divisor} is not a divisor for ${resource}`, `write ${allowed.slice(0, 3).join(', ')} ...`);
  }
  return { resource, divisor, ...(containerName === undefined ? {} : { containerName }) };
}
