import { randomUUID } from 'node:crypto';
import { checkText } from '../../model/check-job-definition.ts';
import { encode, hashOf, type Payload } from '../../model/codec.ts';
import { MillraceError } from '../../model/errors.ts';
import type { SessionId } from '../../model/ids.ts';
import type { JobDefinition } from '../../model/job.ts';
import { silentLogger } from '../../model/logger.ts';
import type { NewSession, SessionRecord } from '../../model/records.ts';
import { resolvePolicies, type StartOptions } from '../api/options.ts';
import { keepMsOf } from '../api/retention.ts';
import { cacheOf } from '../live/cache-names.ts';
import type { EnginePorts } from '../ports/ports.ts';
import { seatOf } from './seat.ts';

/** What a start records, before anything is read: from then on the session can be resumed. */
export async function newSession(
  job: JobDefinition,
  input: unknown,
  options: StartOptions,
  { owner, notifies }: Pick<EnginePorts, 'owner' | 'notifies'>,
): Promise<NewSession> {
  const id = randomUUID() as SessionId;
  const metadata = job.metadata?.(input);
  const identity = await identityOf(job, input);
  // What is wrong with it must fail here: from the record on the session is live.
  cacheOf(job, input, identity, silentLogger);
  return {
    id,
    job: job.name,
    version: job.version,
    key: keyOf(job, input, options) ?? id,
    priority: options.priority ?? 0,
    coordinator: owner(),
    input: encode(input === undefined ? null : input, `input of job ${job.name}`),
    policies: encode(resolvePolicies(job, options)),
    metadata: metadata === undefined ? null : encode(metadata, `metadata of job ${job.name}`),
    keepMs: keepMsOf(job, options),
    ...seatOf(job, input),
    ...(notifies && { notifies }),
    ...identity,
  };
}

function keyOf(job: JobDefinition, input: unknown, { key }: StartOptions): string | undefined {
  if (key !== undefined) return checkText(key, 'key');
  return job.key && checkText(job.key(input), `${job.name}: key`);
}

/** What must be the same for a resume. */
type Identity = Pick<NewSession, 'settings' | 'fingerprint' | 'chunking'>;

async function identityOf(job: JobDefinition, input: unknown): Promise<Identity> {
  const settings: unknown = typeof job.settings === 'function' ? await job.settings(input) : job.settings;
  return {
    settings: settings === undefined ? null : encode(settings, `settings of job ${job.name}`),
    fingerprint: job.fingerprint
      ? checkText(await job.fingerprint(input), `${job.name}: fingerprint`)
      : hashOf(encode(input === undefined ? null : input)),
    chunking: job.chunk?.description ?? 'slices',
  };
}

/**
 * Compares a stored session with the job and input of today: old outputs are never mixed with new ones.
 * @throws MillraceError `JOB_CHANGED` or `INPUT_CHANGED`
 */
export async function checkSame(record: SessionRecord, job: JobDefinition, input: unknown): Promise<void> {
  const changed = (code: 'JOB_CHANGED' | 'INPUT_CHANGED', what: string): MillraceError =>
    new MillraceError(
      code,
      `Session ${record.id} can't be resumed: ${what}. Start a new session, or bring back what it was started with.`,
    );
  if (record.version !== job.version) {
    throw changed('JOB_CHANGED', `job ${job.name} was version ${record.version} and is ${job.version}`);
  }
  const today = await identityOf(job, input);
  if (record.chunking !== today.chunking)
    throw changed('JOB_CHANGED', `it was cut by ${record.chunking}, and the job now says ${today.chunking}`);
  if (record.fingerprint !== today.fingerprint)
    throw changed('INPUT_CHANGED', `its input was ${record.fingerprint} and is ${today.fingerprint}`);
  if (!isSamePayload(record.settings, today.settings))
    throw changed('JOB_CHANGED', `the settings of job ${job.name} have changed`);
}

/** Whether two stored values are the same bytes. */
export function isSamePayload(left: Payload | null, right: Payload | null): boolean {
  if (left === null || right === null) return left === right;
  return typeof left === typeof right && hashOf(left) === hashOf(right);
}
