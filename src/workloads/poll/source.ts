import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MillraceError } from '../../model/errors.ts';
import { fetchBytes, loopbackUrl } from '../input/fetch-bytes.ts';
import { type Poll, readPoll } from './listing.ts';

/** One answer of a source; or why there was none. */
export type Taken =
  | {
      readonly poll: Poll;
      /** Its place in the source, from 1; null: each answer is another poll. */
      readonly place: number | null;
    }
  | { readonly failure: string };

/** What is polled. */
export interface Source {
  /** The whole path of a folder, or the URL. */
  readonly name: string;
  /** Folder or URL of the files that it lists. */
  readonly files: string;
  /** The next answer; undefined when there will be none. Never throws. */
  next(signal: AbortSignal): Promise<Taken | undefined>;
}

/** Whether a source, or the place of its files, is asked over HTTP. */
export function isUrl(place: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place);
}

/**
 * Opens what is polled: a folder with `polls.jsonl`, or a URL of this machine.
 *
 * @throws InvalidOptionError for another URL; MillraceError `NO_READABLE_INPUT` when the folder has no polls.
 */
export async function openSource(place: string, filePlace = place): Promise<Source> {
  const [name = '', files = ''] = [place, filePlace].map((one) => (isUrl(one) ? loopbackUrl(one).href : resolve(one)));
  if (isUrl(name)) return { name, files, next: (signal) => ask(new URL(name), signal) };
  const polls = [...(await readFolder(name))];
  return { name, files, next: async () => polls.shift() };
}

/** The polls of a folder, in their order; a line that can't be read is a failure in its place. @throws MillraceError `NO_READABLE_INPUT` */
export async function readFolder(folder: string): Promise<readonly Taken[]> {
  const file = join(folder, 'polls.jsonl');
  try {
    if ((await stat(file)).size > 256 * 1024 * 1024) throw new Error('it has more than 256 MB');
    const lines = (await readFile(file, 'utf8')).split('\n');
    return lines.flatMap((line, index) => (line.trim() === '' ? [] : [readAnswer(line, index + 1)]));
  } catch (cause) {
    const message = `${file} can't be read as the polls of a folder: ${(cause as Error).message}`;
    throw new MillraceError('NO_READABLE_INPUT', message, { cause });
  }
}

function readAnswer(text: string, place: number | null): Taken {
  try {
    return { poll: readPoll(JSON.parse(text)), place };
  } catch (error) {
    return { failure: `${place === null ? '' : `line ${place}: `}${(error as Error).message}` };
  }
}

async function ask(url: URL, signal: AbortSignal): Promise<Taken> {
  try {
    const bytes = await fetchBytes(url, signal);
    return bytes ? readAnswer(Buffer.from(bytes).toString('utf8'), null) : { failure: 'it has nothing there' };
  } catch (error) {
    const { message, cause } = error as Error;
    return { failure: cause instanceof Error ? `${message}: ${cause.message}` : message };
  }
}
