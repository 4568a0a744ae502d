import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Gzip } from 'node:zlib';
import { AtomicFile } from './atomic-file';

/** Where bytes go: a file that appears when it is closed, or a stream, which is not ended; compressed or not. */
export interface ByteSink {
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * @param options.gzip whether to compress; unless given, files whose name ends in `.gz` are.
 * @throws InvalidInputError when no file can be made there.
 */
export async function openSink(
  target: string | Writable,
  options: { readonly gzip?: boolean | undefined } = {},
): Promise<ByteSink> {
  const isFile = typeof target === 'string';
  const sink = isFile ? fileSink(await AtomicFile.create(target)) : streamSink(target);
  const compress = options.gzip ?? (isFile && target.endsWith('.gz'));
  return compress ? gzipSink(sink) : sink;
}

function fileSink(file: AtomicFile): ByteSink {
  return {
    write: (bytes) => file.append(bytes),
    close: () => file.commit(),
    discard: () => file.discard(),
  };
}

function streamSink(stream: Writable): ByteSink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

function gzipSink(sink: ByteSink): ByteSink {
  const gzip: Gzip = createGzip();
  const drained = (async () => {
    for await (const chunk of gzip as AsyncIterable<Buffer>) await sink.write(chunk);
  })();
  drained.catch(() => undefined); // reported by write or close
  return {
    write: async (bytes) => {
      if (!gzip.write(bytes)) await Promise.race([once(gzip, 'drain'), drained]);
    },
    close: async () => {
      gzip.end();
      await drained;
      await sink.close();
    },
    discard: async () => {
      gzip.destroy();
      await drained.catch(() => undefined);
      await sink.discard();
    },
  };
}
