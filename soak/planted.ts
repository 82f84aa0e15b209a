/** A change of one place in a copy of the sources. */
interface Change {
  readonly file: string;
  /** Must be there exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Bugs that the soak has to find. */
export const planted = {
  /** A settle is taken from whoever sends it: the claim's token is not looked at. */
  'no-fence': [
    {
      file: 'src/adapters/stores/sqlite/write-batch.ts',
      from: 'and state = 1 and token = ?`',
      to: 'and state = 1 and ? is not null`',
    },
    {
      file: 'src/adapters/stores/sqlite/write-batch.ts',
      from: '(row.token === null || row.token !== write.token)',
      to: 'row.token === null',
    },
  ],
  /** Whoever was at work when a host died is charged for it, as if it had done it. */
  'charge-everyone': [
    {
      file: 'src/engine/session/begin.ts',
      from: 'if (!isLast) return settleRelease(batch, false, now);',
      to: `const { attempt, maxAttempts } = batch.record.context;
  if (attempt < maxAttempts) return settleBy(batch, { type: 'DECIDE', retryable: true, retryAt: now }, now, {});`,
    },
    {
      file: 'src/engine/session/begin.ts',
      from: "import { type Settled, settleRelease } from '../live/settled.ts';",
      to: "import { type Settled, settleBy } from '../live/settled.ts';",
    },
  ],
} as const satisfies Record<string, readonly Change[]>;

export type PlantedName = keyof typeof planted;
