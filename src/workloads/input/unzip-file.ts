import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** Tracks pack to a fiftieth at most, annotations to a tenth; what packs to a two-hundredth was made to fill disks. Counted from so many bytes on. */
const maxRatio = 200;
const ratioFrom = 16 * 1024 * 1024;

/** Bytes that a file may unpack to: 64 GB. */
const maxBytes = 64 * 1024 ** 3;

/**
 * Unpacks a gzip file as it is read, in bounded memory.
 *
 * @param refusal - Makes what is thrown where the file is damaged, cut off, or unpacks to too much.
 */
export async function* unzipFile(file: string, refusal: (why: string, cause?: unknown) => Error): AsyncGenerator<Uint8Array> {
  const packed = createReadStream(file);
  const unpacked = createGunzip({ chunkSize: 262_144 });
  packed.on('error', (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const part of packed.pipe(unpacked) as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > maxBytes) throw refusal(`it unpacks to more than ${maxBytes} bytes`);
      if (bytes > ratioFrom && bytes > maxRatio * packed.bytesRead) {
        throw refusal(`it unpacks to more than ${maxRatio} times its size, as only files do that are made to fill disks`);
      }
      yield part;
    }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw String(code).startsWith('Z_') ? refusal(`it is a damaged gzip file (${message})`, error) : error;
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}
