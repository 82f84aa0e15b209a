import { pathToFileURL } from 'node:url';
import { createCombiner } from '../src/engine/live/combine.ts';
import { byCount, createEngine, defineJob, defineWork, type Store } from '../src/index.ts';
import type { SessionId } from '../src/model/ids.ts';
import { goal } from './goal.ts';
import { compare } from './measure.ts';
import { runSession } from './run-session.ts';

const few = 10_000;
const many = 30_000;

const lists = defineJob(defineWork({ each: (item: number): readonly number[] => [item, item, item] }), {
  name: 'lists',
  version: '1',
  source: function* (items: number) {
    for (let item = 0; item < items; item++) yield item;
  },
  chunk: byCount(1),
  combine: (left, right) => [...left, ...right],
  finalize: ({ combined }) => combined?.length ?? 0,
});

/** Does combining lists stay near to linear in the number of chunks? A left fold copies the whole list each time. */
export async function run(): Promise<void> {
  const alone = await compare('Combining lists of three numbers a chunk, outputs already there: in pairs, or as a left fold', {
    'in pairs, 10,000': () => inPairs(few),
    'in pairs, 30,000': () => inPairs(many),
    'left fold, 10,000': () => leftFold(few),
  });
  goal('30,000 chunks over 10,000, in pairs', alone['in pairs, 30,000'].wallMs / alone['in pairs, 10,000'].wallMs, { atMost: 4 });
  const engine = await createEngine({ jobs: [lists], executor: 'inline' });
  const whole = await compare('Whole sessions that combine lists (inline, memory store)', {
    '10,000 chunks': () => runSession(engine, lists, few, { items: few }),
    '30,000 chunks': () => runSession(engine, lists, many, { items: many }),
  });
  goal('session of 30,000 chunks over 10,000', whole['30,000 chunks'].wallMs / whole['10,000 chunks'].wallMs, { atMost: 4 });
  await engine.close();
}

const append = (left: unknown, right: unknown): unknown => [...(left as readonly number[]), ...(right as readonly number[])];

async function inPairs(chunks: number): Promise<void> {
  const combiner = createCombiner(storedLists(chunks), 'bench' as SessionId, 'chunk', append);
  checkLength(await combiner.finish(chunks), chunks);
}

function leftFold(chunks: number): void {
  let list: unknown = [];
  for (let chunk = 0; chunk < chunks; chunk++) list = append(list, [chunk, chunk, chunk]);
  checkLength(list, chunks);
}

/** A store that has one output for each chunk: the one method that combining uses. */
function storedLists(chunks: number): Store {
  const listOutputs: Store['listOutputs'] = async ({ from, to, limit }) => {
    const end = Math.min(to + 1, from + limit, chunks);
    return Array.from({ length: Math.max(0, end - from) }, (_, place) => {
      const number = from + place;
      return { number, places: null, data: `[${number},${number},${number}]` };
    });
  };
  return { listOutputs } as Store;
}

function checkLength(list: unknown, chunks: number): void {
  const { length } = list as readonly number[];
  if (length !== 3 * chunks) throw new Error(`the list has ${length} numbers instead of ${3 * chunks}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
