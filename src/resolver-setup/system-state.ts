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
import type { NrptRule } from './mechanisms/windows.ts';
import { type NameSource, parseHostsSources } from './nsswitch.ts';

/** What a system says of how it finds names; all that decisions are made from. */
export interface ResolverFacts {
  readonly platform: NodeJS.Platform;
  /** `/`, or the folder of another system's tree; then no program is asked. */
  readonly root: string;
  /** `link`: what it is a link to. */
  readonly resolvConf: { readonly conf: ResolvConf; readonly link: string | undefined } | undefined;
  /** `hosts:` of nsswitch.conf. */
  readonly sources: readonly NameSource[];
  readonly musl: boolean;
  readonly systemd: {
    readonly version: number | undefined;
    readonly resolvedRuns: boolean;
    /** Files that name servers of resolved's global scope; a later one that empties the list has taken its effect. */
    readonly globalServers: readonly GlobalServers[];
    readonly links: readonly ResolvedLink[];
    /** `DNSOverTLS=yes`: servers are asked by TLS, or not at all. */
    readonly onlyTls: boolean;
    /** `DNSSEC=yes`: what is not signed has to be below a name that is known not to be. */
    readonly onlySigned: boolean;
  };
  /** `dns=` of NetworkManager's [main]. */
  readonly networkManagerDns: string | undefined;
  readonly dnsmasqRuns: boolean;
  /** Interfaces with an address that others can be reached by. */
  readonly interfaces: readonly string[];
  /** Texts at the places where files of ours may be. */
  readonly files: ReadonlyMap<string, string>;
  /** Which of their folders are there. */
  readonly folders: ReadonlySet<string>;
  readonly nrpt: readonly NrptRule[];
}

const OWN_FILES = [
  '/etc/systemd/resolved.conf.d/switchboard.conf',
  '/etc/NetworkManager/dnsmasq.d/switchboard.conf',
  '/etc/dnsmasq.d/switchboard.conf',
];
const MACOS_FOLDER = '/etc/resolver';

/** Reads them. What cannot be read is as if it were not there. */
export async function readFacts(root = '/', platform: NodeJS.Platform = process.platform): Promise<ResolverFacts> {
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
      version: linux ? systemdVersion(await said('systemctl', ['--version'])) : undefined,
      resolvedRuns,
      globalServers: dropIns(resolvedSettings),
      onlyTls: isYes(lastSetting(resolvedSettings, 'DNSOverTLS')),
      onlySigned: isYes(lastSetting(resolvedSettings, 'DNSSEC')),
      links:
        linux && resolvedRuns
          ? resolvectlLinks(await said('resolvectl', ['dns']), await said('resolvectl', ['domain']))
          : [],
    },
    networkManagerDns: mainDns(await tree.settings('NetworkManager/NetworkManager.conf', 'NetworkManager/conf.d')),
    dnsmasqRuns: await runs(tree, 'dnsmasq'),
    interfaces: live ? reachableInterfaces() : [],
    files: new Map((await tree.readAll(ownPlaces)).map(({ path, text }) => [path, text])),
    folders: await tree.existing([...OWN_FILES.map(path => dirname(path)), MACOS_FOLDER]),
    nrpt: live && platform === 'win32' ? parseNrpt(await said('powershell', NRPT_WORDS)) : [],
  };
}

/** Files below a root; links that lead to an absolute path stay below it. */
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
   * A program's main file and its drop-ins, in the order in which they count: by file name, and of two that share one
   * only that of the folder with the higher rank (systemd.unit(5), NetworkManager.conf(5)).
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

/** A glibc system may have musl beside it, for programs that were built so. */
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

/** What a program prints; nothing if it is not there or takes too long. */
function said(program: string, words: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(program, [...words], { timeout: PROGRAM_MS, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}
