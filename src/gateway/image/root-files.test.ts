import { expect, test } from 'vitest';
import { parseLdd } from './root-files.ts';

test('the libraries of a program of glibc, and its loader', () => {
  const text = `	linux-vdso.so.1 (0x00007ffd0a5f2000)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f1c3a000000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f1c39e00000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f1c3a200000)
`;
  expect(parseLdd(text)).toEqual([
    '/lib/x86_64-linux-gnu/libdl.so.2',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('the libraries of a program of musl', () => {
  const text = `	/lib/ld-musl-x86_64.so.1 (0x7f0a1c000000)
	libstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f0a1b000000)
	libc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f0a1c000000)
`;
  expect(parseLdd(text)).toEqual(['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6', '/lib/ld-musl-x86_64.so.1']);
});

test('a library that is missing is named', () => {
  expect(() => parseLdd('\tlibfoo.so.1 => not found\n')).toThrow('the library libfoo.so.1 is not found');
});
