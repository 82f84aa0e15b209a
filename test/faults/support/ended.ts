import * as assert from 'uvu/assert';
import type { DeadLetter, Outcome } from '../../../src/model/outcome.ts';
import type { AttemptRecord } from '../../../src/model/records.ts';
import { itemsOf } from '../../fixtures/acts-job.ts';
import type { Ending } from './matrix.ts';

/** A session of one act after its end, as its host can see it. */
export interface Ended {
  readonly outcome: Outcome<unknown>;
  readonly letters: readonly DeadLetter[];
  readonly attempts: readonly AttemptRecord[];
}

/** The act's place: the second item of the second batch. */
const culprit = { number: 1, place: 1 } as const;

/** Checks that the act ended as it must, that it alone is blamed, and that every other item is completed. */
export function assertEnding(ended: Ended | undefined, act: string, ending: Ending): void {
  assert.ok(ended);
  const { outcome, letters, attempts } = ended;
  assert.is(outcome.status, 'completed', outcome.error?.message);
  const output = 'output' in ending ? [ending.output] : [];
  assert.equal(
    outcome.result,
    itemsOf(act).flatMap((item) => (item === act ? output : [item])),
  );
  const named = letters.map(({ itemId, number, place, items, error }) => [itemId, number, place, items, error.category]);
  assert.equal(named, 'dead' in ending ? [[act, culprit.number, culprit.place, 1, ending.dead]] : []);
  if ('dead' in ending) assert.match(letters[0]?.error.message ?? '', ending.message);
  const blamed = attempts.filter(({ category }) => category !== null && category !== 'host-death');
  assert.ok(
    blamed.every(({ number }) => number === culprit.number),
    `blamed: ${JSON.stringify(blamed)}`,
  );
}
