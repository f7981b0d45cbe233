/**
 * Encodes and decodes elements between nft's text and the kernel's format (linux/netfilter/nf_tables.h): each field of a
 * key is padded to four bytes; addresses and ports are in network byte order, marks and classids in the host's.
 *
 * @module
 */
import ipaddr from 'ipaddr.js';
import type { IpFamily } from '../../../net/index.ts';
import { attributesIn, type MessageWriter } from '../../../system/index.ts';
import { type Field, hex, type Schema } from '../layout.ts';

const LIST_ELEM = 1;
const ELEM_KEY = 1;
const ELEM_DATA = 2;
const ELEM_KEY_END = 10;
const DATA_VALUE = 1;
const DATA_VERDICT = 2;
const VERDICT_CODE = 1;
const VERDICT_CHAIN = 2;
const NFT_GOTO = -4;
const NF_DROP = 0;

/** Writes NFTA_LIST_ELEM with an element in it. */
export function encodeElement(
  writer: MessageWriter,
  family: IpFamily,
  schema: Schema,
  key: string,
  data: string | undefined,
): void {
  const element = writer.beginNested(LIST_ELEM);
  const fields = key.split(' . ');
  const last = fields.at(-1) ?? '';
  if (schema.ranges === true && last.includes('/')) {
    const [first, end] = bounds(last);
    const head = fields.slice(0, -1);
    encodeKey(writer, ELEM_KEY, family, schema, [...head, first]);
    encodeKey(writer, ELEM_KEY_END, family, schema, [...head, end]);
  } else encodeKey(writer, ELEM_KEY, family, schema, fields);
  if (data !== undefined && schema.data !== undefined) {
    const attribute = writer.beginNested(ELEM_DATA);
    if (schema.data[0] === 'verdict') encodeVerdict(writer, data);
    else encodeValue(writer, family, schema.data, data.split(' . '));
    writer.endAttribute(attribute);
  }
  writer.endAttribute(element);
}

function encodeKey(
  writer: MessageWriter,
  type: number,
  family: IpFamily,
  schema: Schema,
  fields: readonly string[],
): void {
  const attribute = writer.beginNested(type);
  encodeValue(writer, family, schema.key, fields);
  writer.endAttribute(attribute);
}

/** @returns key and data as text; sets have no data. undefined if it is no element */
export function decodeElement(family: IpFamily, schema: Schema, element: Buffer): [string, string] | undefined {
  const attributes = attributesIn(element);
  const key = bytesOf(attributes.get(ELEM_KEY));
  if (key === undefined) return undefined;
  const fields = decodeFields(family, schema.key, key);
  const end = bytesOf(attributes.get(ELEM_KEY_END));
  if (end !== undefined && !end.equals(key)) {
    const to = decodeFields(family, schema.key, end).at(-1) ?? '';
    fields.push(rangeText(fields.pop() ?? '', to));
  }
  const data = attributes.get(ELEM_DATA);
  return [fields.join(' . '), data === undefined ? '' : decodeData(family, schema.data ?? [], data)];
}

function decodeData(family: IpFamily, fields: readonly Field[], data: Buffer): string {
  const attributes = attributesIn(data);
  const judged = attributes.get(DATA_VERDICT);
  if (judged === undefined)
    return decodeFields(family, fields, attributes.get(DATA_VALUE) ?? Buffer.alloc(0)).join(' . ');
  const parts = attributesIn(judged);
  const code = parts.get(VERDICT_CODE)?.readInt32BE(0);
  const chain = parts.get(VERDICT_CHAIN)?.toString('latin1').replace(/\0$/, '');
  if (code === NF_DROP) return 'drop';
  return code === NFT_GOTO ? `goto ${chain}` : `verdict ${code} ${chain ?? ''}`;
}

function bytesOf(data: Buffer | undefined): Buffer | undefined {
  return data === undefined ? undefined : attributesIn(data).get(DATA_VALUE);
}

function encodeVerdict(writer: MessageWriter, text: string): void {
  const judged = writer.beginNested(DATA_VERDICT);
  const code = writer.beginAttribute(VERDICT_CODE);
  const { buffer, at } = writer.reserve(4);
  buffer.writeInt32BE(text === 'drop' ? NF_DROP : NFT_GOTO, at);
  writer.endAttribute(code);
  if (text !== 'drop') {
    const chain = writer.beginAttribute(VERDICT_CHAIN);
    writer.append(Buffer.from(`${text.replace(/^goto /, '')}\0`, 'latin1'));
    writer.endAttribute(chain);
  }
  writer.endAttribute(judged);
}

function widthOf(family: IpFamily, field: Field): number {
  return field === 'address' && family === 'IPv6' ? 16 : 4;
}

function encodeValue(
  writer: MessageWriter,
  family: IpFamily,
  fields: readonly Field[],
  values: readonly string[],
): void {
  const value = writer.beginAttribute(DATA_VALUE);
  const [only] = fields;
  fields.forEach((field, i) => {
    // A key with a single field is not padded.
    const width = fields.length === 1 ? lengthOf(family, only) : widthOf(family, field);
    const { buffer, at } = writer.reserve(width);
    encodeField(buffer, at, field, values[i] ?? '');
  });
  writer.endAttribute(value);
}

function lengthOf(family: IpFamily, field: Field | undefined): number {
  if (field === 'inet_proto') return 1;
  if (field === 'inet_service') return 2;
  return field === 'address' && family === 'IPv6' ? 16 : 4;
}

function encodeField(buffer: Buffer, at: number, field: Field, text: string): void {
  switch (field) {
    case 'address':
      encodeAddress(buffer, at, text);
      break;
    case 'inet_proto':
      buffer.writeUInt8(Number(text), at);
      break;
    case 'inet_service':
      buffer.writeUInt16BE(Number(text), at);
      break;
    case 'classid': {
      const [major = '0', minor = '0'] = text.split(':');
      buffer.writeUInt32LE(Number.parseInt(major, 16) * 0x10000 + Number.parseInt(minor, 16), at);
      break;
    }
    case 'mark':
      buffer.writeUInt32LE(Number(text), at);
      break;
    case 'verdict':
      break;
  }
}

function encodeAddress(buffer: Buffer, at: number, text: string): void {
  if (text.includes(':')) {
    buffer.set(ipaddr.parse(text).toByteArray(), at);
    return;
  }
  // Not ipaddr.js: the first load encodes several addresses for every endpoint of the cluster.
  let octet = 0;
  let offset = at;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      buffer[offset++] = octet;
      octet = 0;
    } else octet = octet * 10 + code - 48;
  }
  buffer[offset] = octet;
}

function decodeFields(family: IpFamily, fields: readonly Field[], bytes: Buffer): string[] {
  let at = 0;
  return fields.map(field => {
    const text = decodeField(family, field, bytes, at);
    at += widthOf(family, field);
    return text;
  });
}

function decodeField(family: IpFamily, field: Field, bytes: Buffer, at: number): string {
  switch (field) {
    case 'address':
      return addressText(bytes.subarray(at, at + widthOf(family, field)));
    case 'inet_proto':
      return String(bytes[at] ?? 0);
    case 'inet_service':
      return String(bytes.readUInt16BE(at));
    case 'classid': {
      const id = bytes.readUInt32LE(at);
      return `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
    }
    case 'mark':
      return hex(bytes.readUInt32LE(at));
    case 'verdict':
      return '';
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return new ipaddr.IPv6([...bytes]).toRFC5952String();
}

/** The first and the last address of a range. */
function bounds(range: string): [string, string] {
  const [network = '', length = '0'] = range.split('/');
  const bytes = ipaddr.parse(network).toByteArray();
  const prefix = Number(length);
  const last = bytes.map((byte, i) => byte | hostBits(i, prefix));
  return [network, addressText(Buffer.from(last))];
}

/** `10.0.0.0`, `10.0.255.255` -> `10.0.0.0/16`; a range that is no prefix stays two addresses. */
function rangeText(first: string, last: string): string {
  const bytes = ipaddr.parse(first).toByteArray();
  for (let prefix = 0; prefix <= bytes.length * 8; prefix++) {
    const isNetwork = bytes.every((byte, i) => (byte & hostBits(i, prefix)) === 0);
    if (isNetwork && bounds(`${first}/${prefix}`)[1] === last) return `${first}/${prefix}`;
  }
  return `${first}-${last}`;
}

/** The bits of an address' byte that lie behind its prefix. */
function hostBits(byte: number, prefix: number): number {
  return 0xff >> Math.max(0, Math.min(8, prefix - byte * 8));
}
