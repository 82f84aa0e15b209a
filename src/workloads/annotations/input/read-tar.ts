/** A file in a tar archive. */
export interface TarEntry {
  /** Its name in the archive: any text; never a path to write to. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** What becomes of the contents of an archive's files. */
export interface TarTarget {
  /** A regular file begins: whether its contents are wanted. */
  begin(entry: TarEntry): boolean;
  /** Some of the contents of a wanted file. */
  write(bytes: Uint8Array): Promise<void>;
}

/** The archive is none, or ends too early. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

const blockBytes = 512;
/** The largest name that an archive may give to a file by a header of its own. */
const maxNameBytes = 65_536;

/**
 * Reads a tar archive (ustar, GNU and pax names) from a stream of bytes, in bounded memory. Folders, links and devices are read over.
 *
 * @throws TarError saying what is wrong with the archive.
 */
export async function readTar(source: AsyncIterable<Uint8Array>, target: TarTarget): Promise<void> {
  const bytes = byteReader(source);
  let longName: string | undefined;
  let longSize: number | undefined;
  for (;;) {
    const header = await bytes.take(blockBytes);
    if (!header || header.every((byte) => byte === 0)) return;
    checkSum(header);
    const size = longSize ?? numberIn(header, 124, 12);
    const kind = String.fromCharCode(header[156] as number);
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    if (kind === 'L' || kind === 'x') {
      if (size > maxNameBytes) throw new TarError(`a header of ${size} bytes is too long`);
      const body = await bytes.take(size + padding);
      if (!body) throw new TarError('it ends too early');
      const text = Buffer.from(body.subarray(0, size)).toString('utf8');
      const fields = kind === 'x' ? paxFields(text) : new Map([['path', text.replace(/\0.*$/s, '')]]);
      longName = fields.get('path') ?? longName;
      longSize = fields.has('size') ? Number(fields.get('size')) : undefined;
      continue;
    }
    if (!Number.isSafeInteger(size) || size < 0) throw new TarError('a file has an impossible size');
    const isFile = kind === '0' || kind === '\0';
    const isWanted = isFile && target.begin({ name: longName ?? nameIn(header), size });
    await bytes.pass(size, isWanted ? (part) => target.write(part) : undefined);
    await bytes.pass(padding, undefined);
    longName = undefined;
    longSize = undefined;
  }
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += at >= 148 && at < 156 ? 32 : (header[at] as number);
  if (sum !== numberIn(header, 148, 8)) throw new TarError('it is no tar archive, or a damaged one');
}

/** Octal digits, or (where the first bit is set) the number itself. */
function numberIn(header: Uint8Array, at: number, length: number): number {
  const field = Buffer.from(header.buffer, header.byteOffset + at, length);
  if (((field[0] as number) & 0x80) !== 0) return field.readUIntBE(length - 6, 6);
  const digits = field.toString('latin1').replace(/\0.*$/s, '').trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
}

function nameIn(header: Uint8Array): string {
  const text = (at: number, length: number): string =>
    Buffer.from(header.buffer, header.byteOffset + at, length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

/** Lines of `length name=value`. */
function paxFields(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^\d+ ([^=\n]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** Takes bytes off a stream: some whole, some handed on as they come. */
function byteReader(source: AsyncIterable<Uint8Array>) {
  const parts = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  const more = async (): Promise<boolean> => {
    const { value, done } = await parts.next();
    if (done === true) return false;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  };
  return {
    /** So many bytes; undefined when the stream has ended. */
    async take(count: number): Promise<Uint8Array | undefined> {
      while (rest.length < count) {
        if (await more()) continue;
        if (rest.length > 0) throw new TarError('it ends too early');
        return undefined;
      }
      const taken = rest.subarray(0, count);
      rest = rest.subarray(count);
      return taken;
    },
    async pass(count: number, write: ((part: Uint8Array) => Promise<void>) | undefined): Promise<void> {
      for (let left = count; left > 0; ) {
        if (rest.length === 0 && !(await more())) throw new TarError('it ends too early');
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        await write?.(part);
      }
    },
  };
}
