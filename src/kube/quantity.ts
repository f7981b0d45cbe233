/**
 * Amounts of CPU, memory and storage (`resource.Quantity` of Kubernetes): exact decimal arithmetic, no floating point.
 *
 * A quantity is kept as its canonical text, such as `500m` or `64Mi`, so it is plain data that can be compared, copied
 * and written as JSON.
 *
 * @module
 */

declare const quantityBrand: unique symbol;

/** In canonical form, as the API server writes it. */
export type Quantity = string & { readonly [quantityBrand]: true };

/** How a quantity is written: `12M`, `12Mi`, `12e6`. The form is kept, as in the API. */
type Format = 'decimal' | 'binary' | 'exponent';

interface Amount {
  readonly nano: bigint;
  readonly format: Format;
}

const DECIMAL: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** The index of the suffix for 1 in DECIMAL. */
const ONES = 3;
const GRAMMAR = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
/** The API caps binary quantities at the largest 64-bit number. */
const MAX_BINARY = (2n ** 63n - 1n) * 10n ** 9n;
/** Larger exponents are rejected, since no machine has such amounts and the numbers would fill the memory. */
const MAX_EXPONENT = 60;
const MAX_LENGTH = 100;

export const ZERO = branded('0');

/** Parses a quantity in any form that the API accepts. Rounds up to a billionth. */
export function parseQuantity(text: string): Quantity | undefined {
  const amount = amountOf(text);
  return amount === undefined ? undefined : textOf(amount);
}

/** Rounds up to a thousandth, as the API does with limits and requests. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const amount = knownAmount(quantity);
  return textOf({ ...amount, nano: ceilDivide(amount.nano, 1_000_000n) * 1_000_000n });
}

/** The amount as a whole number, rounded up: bytes, or CPUs. */
export function quantityValue(quantity: Quantity): bigint {
  return ceilDivide(knownAmount(quantity).nano, 10n ** 9n);
}

/** How many times `divisor` fits into the amount, rounded up, as the downward API prints it. */
export function divideQuantity(quantity: Quantity, divisor: Quantity): bigint {
  return ceilDivide(knownAmount(quantity).nano, knownAmount(divisor).nano);
}

/** Negative, 0 or positive, as for `Array.sort`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const difference = knownAmount(a).nano - knownAmount(b).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function knownAmount(quantity: Quantity): Amount {
  const amount = amountOf(quantity);
  if (amount === undefined) throw new TypeError(`${quantity} is not a quantity`);
  return amount;
}

function amountOf(text: string): Amount | undefined {
  const match = text === '' || text.length > MAX_LENGTH ? null : GRAMMAR.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const scale = scaleOf(suffix);
  if (scale === undefined) return undefined;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const exponent = scale.tens - fraction.length + 9;
  const scaled = digits * scale.factor;
  let nano = exponent >= 0 ? scaled * 10n ** BigInt(exponent) : ceilDivide(scaled, 10n ** BigInt(-exponent));
  if (scale.format === 'binary' && nano > MAX_BINARY) nano = MAX_BINARY;
  const format = scale.format === 'binary' && nano > 0n && nano < 10n ** 9n ? 'decimal' : scale.format;
  return { nano: sign === '-' ? -nano : nano, format };
}

function scaleOf(
  suffix: string,
): { readonly tens: number; readonly factor: bigint; readonly format: Format } | undefined {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal !== -1) return { tens: (decimal - ONES) * 3, factor: 1n, format: 'decimal' };
  const binary = BINARY.indexOf(suffix);
  if (binary !== -1) return { tens: 0, factor: 1024n ** BigInt(binary), format: 'binary' };
  const exponent = /^[eE]([+-]?\d+)$/.exec(suffix)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > MAX_EXPONENT) return undefined;
  return { tens: Number(exponent), factor: 1n, format: 'exponent' };
}

function textOf({ nano, format }: Amount): Quantity {
  return branded(nano === 0n ? '0' : format === 'binary' ? binaryText(nano) : decimalText(nano, format));
}

/** Small amounts, and those that are not whole numbers, are written in decimal form. */
function binaryText(nano: bigint): string {
  const value = nano / 10n ** 9n;
  const isWhole = value * 10n ** 9n === nano;
  if (!isWhole || (value > -1024n && value < 1024n)) return decimalText(nano, 'decimal');
  let rest = value;
  let power = 0;
  while (rest % 1024n === 0n && power < BINARY.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  return `${rest}${BINARY[power] ?? ''}`;
}

function decimalText(nano: bigint, format: Format): string {
  let rest = nano;
  let power = 0;
  const last = format === 'exponent' ? Number.POSITIVE_INFINITY : DECIMAL.length - 1;
  while (rest % 1000n === 0n && power < last) {
    rest /= 1000n;
    power += 1;
  }
  const exponent = (power - ONES) * 3;
  return `${rest}${format === 'decimal' ? (DECIMAL[power] ?? '') : exponent === 0 ? '' : `e${exponent}`}`;
}

/** Rounds away from zero. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

function branded(text: string): Quantity {
  if (isQuantity(text)) return text;
  throw new TypeError(`${text} is not a quantity`);
}

function isQuantity(text: string): text is Quantity {
  return GRAMMAR.test(text);
}
