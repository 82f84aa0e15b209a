import { hostileProxy, type OddValue } from './values.ts';

/** What may stand where a number, a word, a duration, a function or a list is expected, and is none of them. */
const wrong: readonly OddValue[] = Object.entries<() => unknown>({
  negative: () => -1,
  fractional: () => 1.5,
  absurd: () => 1e300,
  NaN: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  bigint: () => 5n,
  'a number as text': () => '5',
  'empty text': () => '',
  'odd text': () => '\0../$(x)`',
  null: () => null,
  true: () => true,
  symbol: () => Symbol('option'),
  list: () => [5],
  object: () => ({ valueOf: () => 5 }),
  'hostile proxy': () => hostileProxy(),
}).map(([name, make]) => ({ name, make }));

const but = (...names: string[]): readonly OddValue[] => wrong.filter(({ name }) => !names.includes(name));
const zero: OddValue = { name: 'zero', make: () => 0 };
const tooMuch: OddValue = { name: 'too much', make: () => 1e9 };

const whole = [...wrong, zero, tooMuch];
/** Durations may be any finite number from 1 on: also a fraction, and an absurd one. */
const duration = [
  ...but('fractional', 'absurd'),
  zero,
  ...['5', '5 s', '-5s', '5x', 's', '1e3s', '5s5s'].map((text) => ({ name: text, make: () => text })),
];
const durationFromZero = but('fractional', 'absurd');
const word = [...wrong, { name: 'another word', make: () => 'Threads' }];

/** Each option, with values that it must refuse by its name. */
export const jobOptions: Readonly<Record<string, readonly OddValue[]>> = {
  name: [...but('a number as text'), { name: 'too long', make: () => 'x'.repeat(65) }],
  version: but('a number as text', 'odd text'),
  source: wrong,
  sourceAfter: wrong,
  slices: but('null'),
  chunk: wrong,
  itemId: wrong,
  taskId: wrong,
  combine: wrong,
  finalize: wrong,
  undo: wrong,
  key: wrong,
  fingerprint: wrong,
  metadata: wrong,
  retry: wrong,
  'retry.attempts': whole,
  'retry.classify': wrong,
  'retry.backoff': wrong,
  'retry.backoff.type': word,
  'retry.backoff.base': durationFromZero,
  'retry.backoff.max': durationFromZero,
  'retry.backoff.jitter': but('true'),
  keep: durationFromZero,
  timeout: duration,
  itemTimeout: duration,
  stall: duration,
  poison: word,
  hostDeaths: whole,
  partial: word,
  executor: word,
  concurrency: whole,
  onDuplicate: word,
};

export const startOptions: Readonly<Record<string, readonly OddValue[]>> = {
  ...Object.fromEntries(
    Object.entries(jobOptions).filter(([name]) =>
      /^(retry|keep|timeout|itemTimeout|stall|poison|hostDeaths|partial|executor|concurrency|onDuplicate)/.test(name),
    ),
  ),
  priority: [...but('negative'), tooMuch],
  key: but('a number as text', 'odd text'),
  signal: wrong,
};

export const engineOptions: Readonly<Record<string, readonly OddValue[]>> = {
  jobs: wrong,
  store: wrong,
  executor: word,
  workers: [...whole, { name: 'another word', make: () => 'all' }],
  env: wrong,
  resume: word,
  lease: [...duration, { name: 'too short', make: () => 999 }],
  grace: durationFromZero,
  logger: wrong,
  workerMemoryMb: [...but('absurd'), zero],
};

export const byRangeOptions: Readonly<Record<string, readonly OddValue[]>> = {
  key: wrong,
  size: duration,
  overlap: durationFromZero,
};

export const byCountSizes: readonly OddValue[] = whole;

/** Options that are none: a slip, and names that objects have. */
export const unknownOptions = ['timout', 'Retry', '', ' ', 'constructor', '__proto__', 'toString'];
