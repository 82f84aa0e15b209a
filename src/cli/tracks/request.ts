import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError } from '../../model/errors.ts';
import { planOptions, type TracksOptions } from '../../workloads/tracks/options.ts';
import { unreadable } from '../../workloads/tracks/run-error.ts';

/**
 * What a `millrace tracks` was asked for, as its sessions keep it in their input: `millrace resume` asks for the same again.
 * Paths are absolute, so that it does not matter from where.
 */
export interface RecordedRequest {
  readonly files: readonly RecordedFile[];
  readonly out: string;
  readonly options: TracksOptions;
}

/** A file as it was when it was asked for. */
export interface RecordedFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Records a request.
 *
 * @throws MillraceError `NO_READABLE_INPUT` naming a file that is not there; InvalidOptionError.
 */
export async function recordRequest(files: readonly string[], out: string, options: TracksOptions): Promise<RecordedRequest> {
  planOptions(options);
  return { files: await Promise.all(files.map(lookAt)), out: resolve(out), options };
}

/** The same request over its files as they are now. */
export async function lookAgain({ files, out, options }: RecordedRequest): Promise<RecordedRequest> {
  return recordRequest(
    files.map(({ path }) => path),
    out,
    options,
  );
}

async function lookAt(file: string): Promise<RecordedFile> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { path: resolve(file), size, mtimeMs };
  } catch (error) {
    throw unreadable(file, (error as Error).message, error);
  }
}

/** The request in a session's input; undefined when the session was not started by the command. */
export function requestIn(input: unknown): RecordedRequest | undefined {
  const request = (input as { request?: unknown } | null | undefined)?.request;
  return isRequest(request) ? request : undefined;
}

function isRequest(value: unknown): value is RecordedRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { files, out, options } = value as Partial<Record<keyof RecordedRequest, unknown>>;
  return (
    Array.isArray(files) && files.every(isFile) && typeof out === 'string' && typeof options === 'object' && options !== null
  );
}

function isFile(value: unknown): value is RecordedFile {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, mtimeMs } = value as Partial<Record<keyof RecordedFile, unknown>>;
  return typeof path === 'string' && typeof size === 'number' && typeof mtimeMs === 'number';
}

/**
 * Compares an interrupted request with one of today for the same folder.
 *
 * @throws MillraceError `INPUT_CHANGED` or `JOB_CHANGED` saying what is different.
 */
export function checkSameRequest(sessionId: string, before: RecordedRequest, now: RecordedRequest): void {
  const refuse = (code: 'INPUT_CHANGED' | 'JOB_CHANGED', what: string): never => {
    throw new MillraceError(
      code,
      `Session ${sessionId} was interrupted and can't go on: ${what}. Bring back what it was started with, or give it up with millrace tracks ... --fresh.`,
    );
  };
  if (before.files.map(({ path }) => path).join() !== now.files.map(({ path }) => path).join()) {
    refuse('INPUT_CHANGED', `it read ${list(before)}, and now ${list(now)} is asked for`);
  }
  for (const [place, file] of before.files.entries()) {
    const today = now.files[place];
    if (today?.size !== file.size || today.mtimeMs !== file.mtimeMs)
      refuse('INPUT_CHANGED', `${file.path} has been changed since`);
  }
  const [was, is] = [planOptions(before.options), planOptions(now.options)].map((plan) => ({ ...plan, ...plan.rules }));
  for (const name of [
    'mode',
    'chunkMs',
    'gapMs',
    'jumpM',
    'rule',
    'splitDay',
    'device',
    'minPoints',
    'dedupe',
    'maxSpeed',
    'dwell',
    'simplifyM',
    'formats',
    'sortMemory',
  ] as const) {
    const [from, to] = [JSON.stringify(was?.[name]), JSON.stringify(is?.[name])];
    if (from !== to) refuse('JOB_CHANGED', `${name} was ${from} and is ${to}`);
  }
}

function list({ files }: RecordedRequest): string {
  return files.map(({ path }) => path).join(', ');
}
