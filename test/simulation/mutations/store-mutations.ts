import { type Mutation, planted, plantedTwice } from './mutation.ts';

const memory = 'src/adapters/stores/memory';
const move = `${memory}/move-batch.ts`;
const claim = `${memory}/claim-batches.ts`;
const commit = `${memory}/commit-session.ts`;
const sessions = `${memory}/session-methods.ts`;

/** What a store may get wrong. */
export const storeMutations: readonly Mutation[] = [
  planted(
    'no fence in settle: any token will do',
    move,
    'row.token === null || row.token !== write.token : !epochHolds',
    'row.token === null : !epochHolds',
  ),
  planted('no epoch check in decisions', move, 'row.token !== write.token : !epochHolds', 'row.token !== write.token : false'),
  planted(
    'no epoch check in enqueue',
    commit,
    'part.enqueue !== undefined && epochHolds && !isThere &&',
    'part.enqueue !== undefined && !isThere &&',
  ),
  planted('no epoch check in moves of a session', sessions, 'entry.epoch !== move.epoch || entry.state', 'entry.state'),
  planted('claims without a lease', commit, 'const mayClaim = state.isAlive(owner, now);', 'const mayClaim = now > 0;'),
  planted(
    'a paused session is claimed',
    claim,
    "(state === 'running.streaming' || state === 'running.draining') && !paused &&",
    "(state === 'running.streaming' || state === 'running.draining' || paused) &&",
  ),
  planted(
    'a session that is to be cancelled is claimed',
    claim,
    '!paused && cancelReason === null',
    '!paused || cancelReason !== null',
  ),
  planted(
    'what runs is claimed again',
    claim,
    'return isReady(row.state) ||',
    "return row.state === 'running' || isReady(row.state) ||",
  ),
  planted(
    'claims of living owners are rescued',
    `${memory}/batch-methods.ts`,
    "row.state !== 'running' || state.isAlive(row.owner, now)",
    "row.state !== 'running'",
  ),
  planted(
    'a session is taken from a living coordinator',
    sessions,
    '  if (!state.isOrphaned(entry, now)) return undefined;\n',
    '',
  ),
  planted('a takeover without a new epoch', sessions, '  entry.epoch++;\n  noteEvent', '  noteEvent'),
  plantedTwice(
    'finalize too early: the barrier is not checked',
    [sessions, 'return !move.requireNothingOpen ||', 'return now >= 0 || !move.requireNothingOpen ||'],
    [
      'src/engine/end/advance.ts',
      'ready.length === 0 && lowestOpen >= position.chunks;',
      'ready.length === 0 && lowestOpen >= 0 && position.chunks >= 0;',
    ],
  ),
  plantedTwice(
    'the barrier counts what runs and forgets what waits',
    [sessions, 'lowestOpen(entry) === entry.rows.length', 'entry.tally.pending + entry.tally.running === 0'],
    [
      'src/engine/end/advance.ts',
      'ready.length === 0 && lowestOpen >= position.chunks;',
      'ready.length === 0 && lowestOpen >= 0 && position.chunks >= 0;',
    ],
  ),
  planted(
    'dedupe by key is missing: two live sessions of one key',
    sessions,
    'if (holder && !isEndedSession(holder.state)) return',
    'if (holder && holder.state === session.job) return',
  ),
  planted('a cancel forgets open batches', sessions, '    if (move.cancelOpen) cancelOpen(state, entry, now);\n', ''),
  planted(
    'event numbers are given twice',
    commit,
    'entry.eventNumber += done + Number(enqueued) + fresh;',
    'entry.eventNumber += Math.min(1, done + Number(enqueued) + fresh);',
  ),
  planted('counts from memory: a claim is not counted', claim, "  tallyMove(entry.tally, row.state, 'running');\n", ''),
  planted('outputs of a run that no longer counts are kept', move, '  if (write.dropOutputs) dropOutputs(entry, row);\n', ''),
  planted(
    'earlier outputs of a batch are forgotten',
    move,
    'data: output.data, older: row.output, ...own }',
    'data: output.data, older: null, ...own }',
  ),
  planted(
    'a lease that ran out is renewed',
    'src/adapters/stores/memory.ts',
    '      if (!state.isAlive(id, now)) return undefined;\n',
    '',
  ),
  planted(
    'a late answer is acknowledged',
    commit,
    'return isSettledSo(entry.rows[write.number], write);',
    'return isSettledSo(entry.rows[write.number], write) || now > 0;',
  ),
  planted(
    'what the work counted is added for nothing done, too',
    move,
    'if (write.counters) count(entry, write.counters, 1);',
    "if (write.counters) count(entry, write.to === 'completed' ? { ...write.counters, done: (write.counters.done ?? 0) + 1 } : write.counters, 1);",
  ),
  plantedTwice(
    'leases by the clock of the host that asks',
    [
      'test/simulation/simulate.ts',
      'Math.floor(time.now() + clockOffset)',
      'Math.floor(time.now() + clockOffset + ((globalThis as { skew?: number }).skew ?? 0))',
    ],
    [
      'test/simulation/host-store.ts',
      'const answer = await applied(',
      '(globalThis as { skew?: number }).skew = host.clock.now() - Math.floor(world.time.now());\n      const answer = await applied(',
    ],
  ),
];
