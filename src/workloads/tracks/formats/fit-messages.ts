/** What a definition message says of the messages that follow under its number. */
export interface FitMessage {
  /** Bytes behind the head of one byte. */
  readonly size: number;
  /** Whether it is a `record`: where the device was at a moment. */
  readonly isRecord: boolean;
  readonly isBigEndian: boolean;
  /** Where the fields that matter begin, by their numbers; only those of the size that they must have. */
  readonly fields: ReadonlyMap<number, number>;
}

/** Global number of the messages that are rows. */
const recordNumber = 20;

/** Numbers of fields, with their sizes in bytes. Every message has its time under the same number. */
const field = { time: 253, lat: 0, lon: 1, height: 2, enhancedHeight: 78 } as const;
const sizes = new Map<number, number>([
  [field.time, 4],
  [field.lat, 4],
  [field.lon, 4],
  [field.height, 2],
  [field.enhancedHeight, 4],
]);

const headBytes = 6;
const bytesPerField = 3;

/** Bytes of the definition message that begins here, with its head; 0 while they are not known. */
export function definitionSize(bytes: Buffer, hasDeveloperFields: boolean): number {
  const fields = bytes[headBytes - 1];
  if (fields === undefined) return 0;
  const size = headBytes + fields * bytesPerField;
  if (!hasDeveloperFields) return size;
  const developerFields = bytes[size];
  return developerFields === undefined ? 0 : size + 1 + developerFields * bytesPerField;
}

/** Reads a whole definition message. */
export function definitionOf(bytes: Buffer, size: number): FitMessage {
  const isBigEndian = bytes[2] === 1;
  const number = isBigEndian ? bytes.readUInt16BE(3) : bytes.readUInt16LE(3);
  const ours = headBytes + (bytes[headBytes - 1] as number) * bytesPerField;
  const fields = new Map<number, number>();
  let length = 0;
  for (let at = headBytes; at < ours; at += bytesPerField) {
    const [name, width] = [bytes[at] as number, bytes[at + 1] as number];
    if (sizes.get(name) === width) fields.set(name, length);
    length += width;
  }
  for (let at = ours + 1; at < size; at += bytesPerField) length += bytes[at + 1] as number;
  return { size: length, isRecord: number === recordNumber, isBigEndian, fields };
}

/** The fields that matter, as they are counted there: FIT seconds, semicircles, metres. Undefined where there are none. */
export function recordFields(
  bytes: Buffer,
  { fields, isBigEndian, isRecord }: FitMessage,
): {
  readonly time?: number | undefined;
  readonly lat?: number | undefined;
  readonly lon?: number | undefined;
  readonly height?: number | undefined;
} {
  const whole = (name: number, none: number): number | undefined => {
    const at = fields.get(name);
    if (at === undefined) return undefined;
    const length = sizes.get(name) as number;
    const value = isBigEndian ? bytes.readUIntBE(at, length) : bytes.readUIntLE(at, length);
    return value === none ? undefined : value;
  };
  const time = whole(field.time, 0xffffffff);
  if (!isRecord) return { time };
  const height = whole(field.enhancedHeight, 0xffffffff) ?? whole(field.height, 0xffff);
  return {
    time,
    lat: signed(whole(field.lat, 0x7fffffff)),
    lon: signed(whole(field.lon, 0x7fffffff)),
    height: height === undefined ? undefined : height / 5 - 500,
  };
}

function signed(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value | 0;
}
