import koffi from 'koffi';
import { messageOf } from '../../../errors.ts';
import { Serial } from '../../../scheduling/index.ts';
import type { Nft, NftResult, NftRun } from './nft.ts';

/** Longer transactions would delay timers and health checks, so they run on another thread. */
const LONG_TEXT = 64 * 1024;

/** nftables/libnftables.h. Protocols as numbers: their names need /etc/protocols, which small images lack. */
const OUTPUT_JSON = 1 << 4;
const OUTPUT_NUMERIC_PROTO = 1 << 7;

/** libnftables by FFI. A context serves one call at a time, so calls are queued. */
export function openLibrary(name: string): Nft | { readonly missing: string } {
  let bound: ReturnType<typeof bind>;
  try {
    bound = bind(name);
  } catch (error) {
    return { missing: `${name} cannot be loaded (${messageOf(error)})` };
  }
  const { api } = bound;
  const context: unknown = api.newContext(0);
  api.bufferOutput(context);
  api.bufferError(context);
  const serial = new Serial();

  const prepare = (options: NftRun) => {
    const json = options.json === true ? OUTPUT_JSON : 0;
    api.setOutput(context, OUTPUT_NUMERIC_PROTO | json);
    api.setDryRun(context, options.check === true);
  };
  const result = (status: number): NftResult => ({
    ok: status === 0,
    output: text(api.output(context)),
    error: text(api.error(context)).trim(),
  });

  const run = async (command: string, options: NftRun): Promise<NftResult> => {
    prepare(options);
    const long = command.length > LONG_TEXT || options.json === true;
    if (!long) return result(number(api.run(context, command)));
    const status = await new Promise<number>((resolve, reject) => {
      api.run.async(context, command, (error: unknown, value: unknown) => {
        if (error === null || error === undefined) resolve(number(value));
        else reject(error);
      });
    });
    return result(status);
  };

  return {
    name: `libnftables (${name})`,
    run: (command, options = {}) => serial.run(() => run(command, options)),
    close() {
      // Wait for a call on another thread before freeing its context.
      void serial.idle().then(() => {
        api.freeContext(context);
        bound.unload();
      });
    },
  };
}

function bind(name: string) {
  const library = koffi.load(name);
  return {
    api: {
      newContext: library.func('void *nft_ctx_new(uint32_t flags)'),
      freeContext: library.func('void nft_ctx_free(void *ctx)'),
      bufferOutput: library.func('int nft_ctx_buffer_output(void *ctx)'),
      bufferError: library.func('int nft_ctx_buffer_error(void *ctx)'),
      setOutput: library.func('void nft_ctx_output_set_flags(void *ctx, unsigned int flags)'),
      setDryRun: library.func('void nft_ctx_set_dry_run(void *ctx, bool dry)'),
      output: library.func('const char *nft_ctx_get_output_buffer(void *ctx)'),
      error: library.func('const char *nft_ctx_get_error_buffer(void *ctx)'),
      run: library.func('int nft_run_cmd_from_buffer(void *ctx, const char *buf)'),
    },
    unload: () => library.unload(),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : -1;
}
