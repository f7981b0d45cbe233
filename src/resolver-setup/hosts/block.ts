import { SwitchboardError } from '../../errors.ts';
import { canonicalAddress } from '../../net/index.ts';
import type { ProcessMark } from '../../system/index.ts';

/**
 * Switchboard's block of lines in a hosts file. The text is handled as latin1, one character per byte, so that all other
 * content stays byte for byte as it is.
 *
 * @module
 */

/** The source of the names: a running `up`, which may crash, or manifests. */
export type BlockOwner = { readonly kind: 'process'; readonly mark: ProcessMark } | { readonly kind: 'manifests' };

export interface HostsLine {
  readonly address: string;
  readonly names: readonly string[];
}

export interface Block {
  readonly owner: BlockOwner;
  readonly lines: readonly HostsLine[];
  /** The line break that was added in front of it, if the file did not end with one. */
  readonly joined: '' | '\n' | '\r\n';
  /** The range in the text: from the start of the first marker line to the end of the last one, with its line break. */
  readonly from: number;
  readonly to: number;
}

const BEGIN = '# switchboard: begin';
const END = '# switchboard: end';
const BEGIN_LINE =
  /^# switchboard: begin (?:process (?<pid>\d{1,10}) started (?<started>[^\s,]+)|(?<manifests>manifests))(?<joined>, line break added)?(?: .*)?$/;
const HINT = '("switchboard dns uninstall" removes this block)';

/**
 * Finds Switchboard's blocks in a text, in order.
 *
 * @throws SWB_SETUP_CONFLICT if a marker line lacks its counterpart, so that the extent of the block is unknown
 */
export function findBlocks(text: string): Block[] {
  const found: Block[] = [];
  let open: Omit<Block, 'to' | 'lines'> | undefined;
  let inside: string[] = [];
  for (const { line, from, to, number } of linesOf(text)) {
    const begin = BEGIN_LINE.exec(line);
    if (begin !== null) {
      if (open !== undefined) throw torn(number, 'a block begins within another');
      open = {
        owner: ownerOf(begin.groups ?? {}),
        joined: begin.groups?.joined === undefined ? '' : lineBreak(text, to),
        from,
      };
      inside = [];
    } else if (line === END) {
      if (open === undefined) throw torn(number, 'a block ends that did not begin');
      found.push({ ...open, lines: inside.flatMap(parseHostsLine), to });
      open = undefined;
    } else inside.push(line);
  }
  if (open !== undefined) throw torn(countLines(text, open.from), 'a block begins and does not end');
  return found;
}

/** Removes blocks from a text; everything else stays byte for byte as it was before they were added. */
export function withoutBlocks(text: string, blocks: readonly Block[]): string {
  let result = text;
  for (const { from, to, joined } of blocks.toSorted((a, b) => b.from - a.from)) {
    // The added line break goes, too, unless lines after the block depend on it.
    const start = to === result.length ? from - joined.length : from;
    result = result.slice(0, start) + result.slice(to);
  }
  return result;
}

/** Appends a block to a text. */
export function withBlock(text: string, owner: BlockOwner, lines: readonly HostsLine[]): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const joined = text !== '' && !text.endsWith('\n');
  const block = blockLines(owner, lines, joined).map(line => `${line}${eol}`);
  return `${text}${joined ? eol : ''}${block.join('')}`;
}

/**
 * The block as lines of text, without line breaks. All programs trust the hosts file, so whatever the source, the block
 * holds only addresses, host names and the process that owns it.
 *
 * @throws SWB_SETUP_FAILED for anything else
 */
export function blockLines(owner: BlockOwner, lines: readonly HostsLine[], joined = false): string[] {
  return [
    `${BEGIN} ${ownerWords(owner)}${joined ? ', line break added' : ''} ${HINT}`,
    ...lines.map(({ address, names }) => [hostsAddress(address), ...names.map(hostsName)].join(' ')),
    END,
  ];
}

/** The owner as `BEGIN_LINE` parses it. */
function ownerWords(owner: BlockOwner): string {
  if (owner.kind === 'manifests') return 'manifests';
  const words = `process ${owner.mark.pid} started ${owner.mark.started}`;
  if (!/^process \d{1,10} started [^\s,]+$/.test(words)) throw notAllowed(words, 'a process');
  return words;
}

function hostsAddress(address: string): string {
  if (canonicalAddress(address) === undefined) throw notAllowed(address, 'an IP address');
  return address;
}

function hostsName(name: string): string {
  if (name.length > MAX_NAME || !HOST_NAME.test(name)) throw notAllowed(name, 'a host name');
  return name;
}

function notAllowed(text: string, what: string): SwitchboardError {
  return new SwitchboardError(
    'SWB_SETUP_FAILED',
    `the hosts file was not changed: ${JSON.stringify(text)} is not ${what}`,
  );
}

const MAX_NAME = 253;
/** RFC 1123, 2.1, plus the underscore, which some host names have. */
const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/i;

/** The lines of a hosts file outside of the blocks. */
export function othersLines(text: string, blocks: readonly Block[]): (HostsLine & { readonly number: number })[] {
  return [...linesOf(text)]
    .filter(({ from }) => !blocks.some(block => from >= block.from && from < block.to))
    .flatMap(({ line, number }) => parseHostsLine(line).map(parsed => ({ ...parsed, number })));
}

/** Parses an address and lower-cased names (hosts(5)); empty for comments and blank lines. */
function parseHostsLine(line: string): HostsLine[] {
  const [address, ...names] = line
    .replace(/#.*/, '')
    .split(/\s+/)
    .filter(word => word !== '');
  return address === undefined || names.length === 0 ? [] : [{ address, names: names.map(n => n.toLowerCase()) }];
}

function ownerOf(groups: Readonly<Record<string, string | undefined>>): BlockOwner {
  const { pid, started } = groups;
  if (pid === undefined || started === undefined) return { kind: 'manifests' };
  return { kind: 'process', mark: { pid: Number(pid), started } };
}

/** Lines without line breaks, and their ranges with them. */
function* linesOf(text: string): Generator<{ line: string; from: number; to: number; number: number }> {
  for (let from = 0, number = 1; from < text.length; number++) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end + 1;
    yield { line: text.slice(from, to).replace(/\r?\n$/, ''), from, to, number };
    from = to;
  }
}

/** The line break that ends at an offset. */
function lineBreak(text: string, at: number): '\n' | '\r\n' {
  return text.slice(0, at).endsWith('\r\n') ? '\r\n' : '\n';
}

function countLines(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

function torn(line: number, what: string): SwitchboardError {
  return new SwitchboardError(
    'SWB_SETUP_CONFLICT',
    `line ${line} of the hosts file: ${what} ("${BEGIN} ...", "${END}"). Someone edited it: remove the rest of the block manually`,
  );
}
