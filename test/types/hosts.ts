// What a host writes, with what must not compile beside it: this file is checked, not run.
import type { InspectionEvent, Observer, Subscription } from 'xstate';
import { type AnyJob, createEngine, type InspectedEvent, type Inspector, type Logger, sqlite } from '../../src/index.ts';
import { fetched, paged, ranged, sliced, wordCount } from './jobs.ts';

declare function draw(items: number): void;
declare const logger: Logger;
declare const signal: AbortSignal;

export const jobs: readonly AnyJob[] = [wordCount, ranged, paged, sliced, fetched];

export async function host(): Promise<void> {
  const engine = await createEngine({
    jobs: [wordCount],
    store: sqlite('runs.db'),
    executor: 'threads',
    workers: 'auto',
    env: ['DATABASE_URL'],
    resume: 'auto',
    logger,
  });
  const session = await engine.start(wordCount, { file: 'big.txt' }, { priority: 5, signal, timeout: '1h' });
  const [id, key, started]: readonly [string, string, boolean] = [session.id, session.key, session.started];
  for await (const progress of session.progress({ every: '250ms', signal })) draw(progress.counts.items.completed);
  session.progress$.subscribe(({ etaMs }) => draw(etaMs ?? 0));
  for await (const event of session.events()) if (event.type === 'batch.completed') draw(event.items);
  const outcome = await session.outcome();
  if (outcome.status === 'completed') draw(outcome.result.words);
  else draw(outcome.error.message.length);
  const result = await session.result();
  for await (const letter of session.deadLetters()) letter.itemId.trim();
  for await (const words of session.outputs()) words.toFixed();
  await session.pause();
  await session.unpause();
  await session.cancel('why');
  const again = await engine.find(wordCount, { key: 'big.txt' });
  const words: number | undefined = (await again?.result())?.words;
  for await (const view of engine.sessions({ job: wordCount, status: 'failed', since: '1d' })) view.key.trim();
  const { resumed, refused } = await engine.resume();
  await engine.prune({ olderThan: '7d' });
  await engine.close({ grace: '20s' });
  draw([id, key, started, result, words, resumed, refused].length);
}

/** Inspectors of XState attach as they are, and what is written against our own types needs none of XState's. */
export async function watched(
  ofXState: Observer<InspectionEvent>,
  asFunction: (event: InspectionEvent) => void,
  browser: { readonly inspect: Observer<InspectionEvent> },
): Promise<void> {
  await using engine = await createEngine({ jobs });
  const system: { inspect(observer: Observer<InspectionEvent> | ((event: InspectionEvent) => void)): Subscription } =
    engine.system;
  for (const inspector of [ofXState, asFunction, browser.inspect]) system.inspect(inspector).unsubscribe();
  engine.system.inspect(ofXState).unsubscribe();
  engine.system.inspect(asFunction).unsubscribe();
  const ours: Inspector = ({ type, actorRef, snapshot }) =>
    draw(type.length + actorRef.sessionId.length + Object.keys(snapshot ?? {}).length);
  engine.system.inspect(ours);
  engine.system.inspect({ next: ({ rootId, event }: InspectedEvent) => draw(rootId.length + (event?.type.length ?? 0)) });
  // @ts-expect-error an inspector is told of events, not of numbers
  engine.system.inspect((event: number) => draw(event));
}

export async function mistakes(): Promise<void> {
  await using engine = await createEngine({ jobs });
  const outcome = await engine.run(wordCount, { file: 'x' });
  // @ts-expect-error the result is there only when the session completed
  outcome.result.words.toFixed();
  // @ts-expect-error an input of another shape
  await engine.start(wordCount, { fil: 'x' });
  // @ts-expect-error a policy that does not exist
  await engine.start(wordCount, { file: 'x' }, { retries: 3 });
  // @ts-expect-error an executor that does not exist
  await createEngine({ executor: 'cluster' });
  // @ts-expect-error no duration
  await engine.prune({ olderThan: 'a week' });
}
