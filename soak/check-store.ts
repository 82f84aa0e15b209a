import { decode, encode } from '../src/model/codec.ts';
import type { BatchRecord } from '../src/model/records.ts';
import { answerTo } from './items.work.ts';
import { momentsOf } from './jobs.ts';
import { runsOf } from './runs.ts';
import { type CheckedSession, groupBy, type Violation } from './violation.ts';

/** What the store alone must show: every item in one place, every output right, every count true, and the sequential result. */
export function checkStore(session: CheckedSession): Violation[] {
  return [...checkEnding(session), ...checkTiles(session), ...checkOutputs(session), ...checkCharges(session)];
}

function checkEnding({ plan, session, expected, letters }: CheckedSession): Violation[] {
  const { state, counts, counters, result } = session;
  const violations: Violation[] = [];
  const demand = (rule: string, holds: boolean, what: string): void => {
    if (!holds) violations.push({ rule, what: `${plan.key}: ${what}` });
  };
  demand('every session ends', state === 'completed', `is ${state}, ${JSON.stringify(session.error)}`);
  demand('no dead letters', letters.length === 0, `${letters.length} dead letters, first ${JSON.stringify(letters[0])}`);
  const { items, batches } = counts;
  demand(
    'every item once',
    items.total === plan.items && items.completed === plan.items,
    `counts ${JSON.stringify(items)} of ${plan.items} items`,
  );
  demand('every batch once', batches.total === batches.completed, `counts batches ${JSON.stringify(batches)}`);
  demand('counted once', (counters.items ?? 0) === plan.items, `the work counted ${counters.items ?? 0} of ${plan.items} items`);
  demand('sequential bytes', result === encode(expected), 'the recorded result is not the sequential one');
  return violations;
}

/** Chunks follow each other without gaps, and all have ended. */
function checkTiles({ plan, batches }: CheckedSession): Violation[] {
  const violations: Violation[] = [];
  let next = 0;
  for (const [index, batch] of batches.entries()) {
    const { number, first, items, state } = batch;
    if (number !== index || first !== next)
      violations.push(told(batch, plan.key, `begins at ${first}, the one before ended at ${next}`));
    if (state !== 'completed') violations.push(told(batch, plan.key, `is ${state}`));
    next = first + items;
  }
  if (next !== plan.items)
    violations.push({ rule: 'every item once', what: `${plan.key}: chunks end at ${next} of ${plan.items} items` });
  return violations;
}

function told({ number }: BatchRecord, key: string, what: string): Violation {
  return { rule: 'every item once', what: `${key}: batch ${number} ${what}` };
}

/** One output a batch, and the right one. */
function checkOutputs({ plan, batches, outputs, perItem }: CheckedSession): Violation[] {
  const moments = perItem ? undefined : [...momentsOf(plan)];
  const ofBatch = groupBy(outputs, ({ number }) => number);
  return batches.flatMap(({ number, first, items }) => {
    const rows = ofBatch.get(number) ?? [];
    const places = Array.from({ length: items }, (_, place) => first + place);
    const right = moments ? runsOf(moments.slice(first, first + items)) : places.map((item) => answerTo(plan.seed, item));
    const [row] = rows;
    const isRight = rows.length === 1 && row?.places === null && JSON.stringify(decode(row.data)) === JSON.stringify(right);
    return isRight
      ? []
      : [{ rule: 'one right output', what: `${plan.key}: batch ${number} has ${rows.length} outputs, or a wrong one` }];
  });
}

/** Nobody is charged more than the job allows. */
function checkCharges({ plan, batches }: CheckedSession): Violation[] {
  return batches
    .filter(({ attempt }) => attempt > 3)
    .map(({ number, attempt }) => ({
      rule: 'charges',
      what: `${plan.key}: batch ${number} was charged ${attempt} attempts of 3`,
    }));
}
