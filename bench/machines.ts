import { pathToFileURL } from 'node:url';
import { createActor } from 'xstate';
import { batchMachine, compileRecordDriver } from '../src/machines.ts';
import { compare } from './measure.ts';

const driver = compileRecordDriver(batchMachine);
const input = { maxAttempts: 3 };

/** In flight at once: an engine claims in groups, so its batches never are all alive together. */
const window = 64;

/** What does it cost to take a batch through its chart: as a record, or as a real actor? */
export async function run(): Promise<void> {
  const few = await lifecycles(100, 1_000);
  const many = await lifecycles(100_000, 1);
  console.log(`\nA session of 100,000 batches instead of 100: one batch costs a record ${(many / few).toFixed(2)}x.`);
}

/** Sessions of so many batches: each batch created, claimed, completed. Answers the milliseconds of all records. */
async function lifecycles(batches: number, sessions: number): Promise<number> {
  const { record } = await compare(
    `Create, CLAIM and COMPLETE ${batches.toLocaleString('en')} batches, ${window} in flight`,
    {
      'one actor a batch': () => times(sessions, () => inWindows(batches, byActors)),
      record: () => times(sessions, () => inWindows(batches, byRecords)),
    },
    { rounds: 5, operations: batches * sessions },
  );
  return record.wallMs;
}

function inWindows(batches: number, take: (count: number) => void): void {
  for (let done = 0; done < batches; done += window) take(Math.min(window, batches - done));
}

function byActors(batches: number): void {
  const actors = Array.from({ length: batches }, () => createActor(batchMachine, { input }).start());
  for (const actor of actors) actor.send({ type: 'CLAIM', at: 0 });
  for (const actor of actors) {
    actor.send({ type: 'COMPLETE' });
    expectCompleted(actor.getSnapshot().value);
    actor.stop();
  }
}

function byRecords(batches: number): void {
  const records = Array.from({ length: batches }, () => driver.start(input));
  const running = records.map((record) => moved(record, { type: 'CLAIM', at: 0 }));
  for (const record of running) expectCompleted(moved(record, { type: 'COMPLETE' }).state);
}

type Batch = ReturnType<typeof driver.start>;

function moved(record: Batch, event: Parameters<typeof driver.step>[1]): Batch {
  const next = driver.step(record, event);
  if (!next) throw new Error(`${event.type} was not answered`);
  return next;
}

/** A variant that does not do the work must not win. */
function expectCompleted(state: unknown): void {
  if (state !== 'completed') throw new Error(`a batch ended as ${String(state)}`);
}

function times(count: number, act: () => void): void {
  for (let time = 0; time < count; time++) act();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
