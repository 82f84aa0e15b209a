import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { MillraceError } from '../../../model/errors.ts';
import type { LinesPart } from '../../lines/locate-lines.ts';

/** What is read: a file, or a file out of an archive. */
export interface InputPart extends LinesPart {
  /** What the reader calls it. */
  readonly name: string;
}

/** What the input is: the parts, size and time of change of their files, and the options. Compared before a session is resumed. */
export async function fingerprintParts(parts: readonly InputPart[], plan: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([plan, parts]));
  for (const path of new Set(parts.map((part) => part.path))) {
    const { size, mtimeMs } = await stat(path);
    hash.update(JSON.stringify([size, mtimeMs]));
  }
  return hash.digest('hex');
}

/** No input that can be read: names the file and says why. */
export function unreadable(file: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('NO_READABLE_INPUT', `${file} can't be read as annotations: ${why}.`, { cause });
}
