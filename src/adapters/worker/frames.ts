import v8 from 'node:v8';

/** Stands before each frame: what code writes to our pipe by mistake is noticed at its first bytes. */
const mark = 0x4d_52_46_31;
const headerBytes = 8;
/** Far above what a batch should give, and what a host can hold twice while it reads. */
const maxFrameBytes = 512 * 1024 * 1024;

/**
 * A value as bytes for a pipe, by the structured clone algorithm: it arrives as it would in a thread.
 *
 * @returns header and body, to be written one after the other.
 * @throws Error when a part of it can't be cloned, or it has more than 512 MiB.
 */
export function encodeFrame(value: unknown): readonly [header: Buffer, body: Buffer] {
  // Not `v8.serialize`: that takes views of one memory apart, and gives back views on all of the message.
  const serializer = new v8.Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  const body = serializer.releaseBuffer();
  if (body.byteLength > maxFrameBytes) throw new RangeError(`A message of ${body.byteLength} bytes is too large to be sent.`);
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE(mark, 0);
  header.writeUInt32BE(body.byteLength, 4);
  return [header, body];
}

/** Takes frames apart as their bytes come in. */
export interface FrameReader {
  /** Who is told of each frame that can be read. */
  onValue(value: unknown): void;
  /** A frame whose content makes no sense; the next one may. */
  onGarbled(): void;
  /** Bytes that are no frame: nothing after them can be read. Told once. */
  onBroken(): void;
}

/** Reads frames from the chunks of a pipe. Who writes them is not trusted: whatever comes, it does not throw. */
export function createFrameReader({ onValue, onGarbled, onBroken }: FrameReader): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = headerBytes;
  let isBody = false;
  let broken = false;

  const takeHeader = (header: Buffer): void => {
    const length = header.readUInt32BE(4);
    if (header.readUInt32BE(0) === mark && length <= maxFrameBytes) {
      wanted = length;
      isBody = true;
      return;
    }
    broken = true;
    chunks = [];
    onBroken();
  };
  const takeBody = (body: Buffer): void => {
    wanted = headerBytes;
    isBody = false;
    const read = decode(body);
    if (read) onValue(read.value);
    else onGarbled();
  };

  return (chunk) => {
    if (broken) return;
    chunks.push(chunk);
    held += chunk.byteLength;
    while (!broken && held >= wanted) {
      const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, held);
      const piece = all.subarray(0, wanted);
      const rest = all.subarray(wanted);
      chunks = rest.byteLength > 0 ? [rest] : [];
      held = rest.byteLength;
      if (isBody) takeBody(piece);
      else takeHeader(piece);
    }
  };
}

function decode(body: Buffer): { readonly value: unknown } | undefined {
  try {
    const deserializer = new v8.Deserializer(body);
    deserializer.readHeader();
    return { value: deserializer.readValue() as unknown };
  } catch {
    // A circular cause of an error, on Node 20; or bytes that our code did not write.
    return undefined;
  }
}
