import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { parseResolvConf, type ResolvConf, reachableInterfaces } from '../system/index.ts';
import {
  dropIns,
  type GlobalServers,
  isYes,
  lastSetting,
  mainDns,
  type ResolvedLink,
  resolvectlLinks,
  systemdVersion,
  type TextFile,
} from './managers.ts';
import { type NameSource, parseHostsSources } from './nsswitch.ts';

/** A rule of the table, as `Get-DnsClientNrptRule` prints it. */
export interface NrptRule {
  readonly namespace: string;
  readonly servers: string;
  readonly comment: string;
}

/** How a system resolves names: everything that plans and findings depend on. */
export interface SystemState {
  readonly platform: NodeJS.Platform;
  /** `/`, or the folder of another system's tree; then no program runs. */
  readonly root: string;
  /** `link`: the target, if it is a link. */
  readonly resolvConf: { readonly conf: ResolvConf; readonly link: string | undefined } | undefined;
  /** `hosts:` of nsswitch.conf. */
  readonly sources: readonly NameSource[];
  readonly musl: boolean;
  readonly systemd: {
    readonly version: number | undefined;
    readonly resolvedRuns: boolean;
    /** Files that set servers of resolved's global scope, except those that a later file resets. */
    readonly globalServers: readonly GlobalServers[];
    readonly links: readonly ResolvedLink[];
    /** `DNSOverTLS=yes`: it uses servers by TLS only. */
    readonly onlyTls: boolean;
    /** `DNSSEC=yes`: unsigned answers are valid only below domains that are known to be unsigned. */
    readonly onlySigned: boolean;
  };
  /** `dns=` of NetworkManager's [main]. */
  readonly networkManagerDns: string | undefined;
  readonly dnsmasqRuns: boolean;
  /** Interfaces with an address that other machines can reach. */
  readonly interfaces: readonly string[];
  /** The content of files at the paths that Switchboard may write. */
  readonly files: ReadonlyMap<string, string>;
  /** Which of their folders exist. */
  readonly folders: ReadonlySet<string>;
  readonly nrpt: readonly NrptRule[];
}

const OWN_FILES = [
  '/etc/systemd/resolved.conf.d/switchboard.conf',
  '/etc/NetworkManager/dnsmasq.d/switchboard.conf',
  '/etc/dnsmasq.d/switchboard.conf',
];
const MACOS_FOLDER = '/etc/resolver';

/** Reads the state. Files that cannot be read count as missing. */
export async function readSystemState(root = '/', platform: NodeJS.Platform = process.platform): Promise<SystemState> {
  const tree = new Tree(root);
  const live = root === '/';
  const [resolvText, link, nsswitch] = await Promise.all([
    tree.read('/etc/resolv.conf'),
    tree.link('/etc/resolv.conf'),
    tree.read('/etc/nsswitch.conf'),
  ]);
  const resolvers = (await tree.list(MACOS_FOLDER)).map(name => `${MACOS_FOLDER}/${name}`);
  const ownPlaces = [...OWN_FILES, ...resolvers];
  const resolvedRuns = (await tree.list('/run/systemd/resolve')).length > 0;
  const linux = live && platform === 'linux';
  const resolvedSettings = await tree.settings('systemd/resolved.conf');
  return {
    platform,
    root,
    resolvConf: resolvText === undefined ? undefined : { conf: parseResolvConf(resolvText), link },
    sources: parseHostsSources(nsswitch),
    musl: await isMusl(tree),
    systemd: {
      version: linux ? systemdVersion(await outputOf('systemctl', ['--version'])) : undefined,
      resolvedRuns,
      globalServers: dropIns(resolvedSettings),
      onlyTls: isYes(lastSetting(resolvedSettings, 'DNSOverTLS')),
      onlySigned: isYes(lastSetting(resolvedSettings, 'DNSSEC')),
      links:
        linux && resolvedRuns
          ? resolvectlLinks(await outputOf('resolvectl', ['dns']), await outputOf('resolvectl', ['domain']))
          : [],
    },
    networkManagerDns: mainDns(await tree.settings('NetworkManager/NetworkManager.conf', 'NetworkManager/conf.d')),
    dnsmasqRuns: await runs(tree, 'dnsmasq'),
    interfaces: live ? reachableInterfaces() : [],
    files: new Map((await tree.readAll(ownPlaces)).map(({ path, text }) => [path, text])),
    folders: await tree.existing([...OWN_FILES.map(path => dirname(path)), MACOS_FOLDER]),
    nrpt: live && platform === 'win32' ? parseNrpt(await outputOf('powershell', NRPT_WORDS)) : [],
  };
}

/** Files below a root; absolute links stay below it. */
class Tree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async read(path: string): Promise<string | undefined> {
    const target = await this.link(path);
    const real = target === undefined ? path : isAbsolute(target) ? target : join(dirname(path), target);
    return readFile(join(this.#root, real), 'utf8').catch(() => undefined);
  }

  link(path: string): Promise<string | undefined> {
    return readlink(join(this.#root, path)).catch(() => undefined);
  }

  async list(path: string): Promise<string[]> {
    return readdir(join(this.#root, path)).catch(() => []);
  }

  async readAll(paths: readonly string[]): Promise<TextFile[]> {
    const texts = await Promise.all(paths.map(async path => ({ path, text: await this.read(path) })));
    return texts.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
  }

  async existing(folders: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (const folder of folders) {
      const there = await readdir(join(this.#root, folder)).catch(() => undefined);
      if (there !== undefined) found.add(folder);
    }
    return found;
  }

  /**
   * A program's main file and its drop-ins in the order of precedence: by file name; of files with the same name, only
   * the one in the folder with the highest precedence (systemd.unit(5), NetworkManager.conf(5)).
   */
  async settings(main: string, drops = `${main}.d`): Promise<TextFile[]> {
    const byName = new Map<string, string>();
    for (const base of ['/usr/lib', '/usr/local/lib', '/run', '/etc']) {
      for (const name of await this.list(`${base}/${drops}`)) {
        if (name.endsWith('.conf')) byName.set(name, `${base}/${drops}/${name}`);
      }
    }
    const later = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
    return this.readAll([`/etc/${main}`, ...later]);
  }
}

async function runs(tree: Tree, program: string): Promise<boolean> {
  const pids = (await tree.list('/proc')).filter(name => /^\d+$/.test(name));
  const names = await tree.readAll(pids.map(pid => `/proc/${pid}/comm`));
  return names.some(({ text }) => text.trim() === program);
}

/** A glibc system may also have musl, for programs that are built with it. */
async function isMusl(tree: Tree): Promise<boolean> {
  const musl = (await tree.list('/lib')).some(name => name.startsWith('ld-musl-'));
  return musl && (await tree.read('/etc/ld.so.conf')) === undefined;
}

const NRPT_WORDS = [
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  'Get-DnsClientNrptRule | ForEach-Object { "$($_.Namespace)`t$($_.NameServers)`t$($_.Comment)" }',
];

function parseNrpt(text: string): NrptRule[] {
  return text.split(/\r?\n/).flatMap(line => {
    const [namespace, servers, comment] = line.split('\t');
    return namespace === undefined || servers === undefined ? [] : [{ namespace, servers, comment: comment ?? '' }];
  });
}

const PROGRAM_MS = 3000;

/** The output of a program; empty if it is missing or takes too long. */
function outputOf(program: string, words: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(program, [...words], { timeout: PROGRAM_MS, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}
