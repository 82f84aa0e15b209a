import { type Mutation, planted, plantedTwice } from './mutation.ts';

const engine = 'src/engine';

/** What the engine may get wrong: owning, scheduling, settling, ending. */
export const engineMutations: readonly Mutation[] = [
  planted('missing heartbeat', `${engine}/ports/lease.ts`, '  arm(leaseMs / 3);\n  return {', '  return {'),
  planted('a lost lease keeps its owner id', `${engine}/host/ownership.ts`, '    owner = newOwner();\n', ''),
  planted('an engine that is closed keeps its lease', `${engine}/host/ownership.ts`, '      lease?.stop();\n', ''),
  planted(
    'lost wake-up: the scheduler is not told of new batches',
    `${engine}/end/advance.ts`,
    '  session.pool.scheduler.wake(session.feed);\n',
    '',
  ),
  planted(
    'nobody waits for a retry',
    `${engine}/run/retry-due.ts`,
    '  session.cancelDue = session.ports.clock.after(waitMs, () => void takeUpDue(session));\n',
    '  void waitMs;\n  void takeUpDue;\n',
  ),
  planted(
    'a dead host’s claims stay its own',
    `${engine}/ports/rescue-all.ts`,
    'while ((await persist(() => store.rescue(page))) === page);',
    'void [store, persist, page];',
  ),
  planted(
    'sessions of dead hosts are taken on by nobody',
    `${engine}/start/sweep.ts`,
    "if (parts.resume === 'auto') await",
    "if (parts.resume === 'manual') await",
  ),
  planted(
    'a resume cuts from the beginning',
    `${engine}/session/cut-on.ts`,
    'const { chunks } = session.position;',
    'const chunks = Math.min(0, session.position.chunks);',
  ),
  planted(
    'the last chunk of the source is lost',
    `${engine}/cut/cut.ts`,
    'end: (planned) => plan(cutter.end(), planned),',
    'end: () => void plan(cutter.end(), []),',
  ),
  planted(
    'a failure of the source is swallowed',
    `${engine}/queue/fill.ts`,
    'if (failure) session.sourceFailure = sourceError(session, failure.thrown);',
    'if (failure) void sourceError(session, failure.thrown);',
  ),
  planted(
    'a batch that got no answer is forgotten',
    `${engine}/run/dispatch.ts`,
    'return [...ended, ...unansweredOnes(session, rest, claimed.length, report.death)];',
    'void unansweredOnes;\n    void rest;\n    return ended;',
  ),
  planted('an answer that comes twice counts twice', `${engine}/run/dispatch.ts`, '    unanswered.delete(reply.number);\n', ''),
  plantedTwice(
    'a released batch is forgotten',
    [
      `${engine}/run/write-endings.ts`,
      "if (after.state === 'pending' || after.state.endsWith('.isolating')) session.ready.unshift(batch);",
      "if (after.state.endsWith('.isolating')) session.ready.unshift(batch);",
    ],
    [
      `${engine}/session/tend-sessions.ts`,
      'else if (quiet.has(session)) await takeUpStranded(session);',
      'else if (quiet.has(session)) void takeUpStranded;',
    ],
  ),
  planted(
    'a retry is counted twice',
    'src/machines/batch-machine.ts',
    '(context.probing ? context.attempt : context.attempt + 1), retryAt: null',
    '(context.probing ? context.attempt : context.attempt + (context.attempt > 0 ? 2 : 1)), retryAt: null',
  ),
  planted(
    'everyone is charged for the death of a worker',
    `${engine}/run/dispatch.ts`,
    'if (groupSize === 1 || tookTooLong ||',
    'if (groupSize > 0 || tookTooLong ||',
  ),
  planted(
    'everyone is charged for the death of a host',
    `${engine}/session/begin.ts`,
    'if (!isLast) return settleRelease(batch, false, now);',
    'if (!isLast) return { ...settleRelease(batch, false, now), write: { ...settleRelease(batch, false, now).write, attempt: batch.record.context.attempt + session.policies.attempts } };',
  ),
  planted(
    'only the failed items are not all that runs again',
    `${engine}/run/batch-run.ts`,
    'const only = batch.run ? batch.run.places : batch.remaining;',
    'const only = batch.run?.places;',
  ),
  planted(
    'an item that is tried again is a dead letter already',
    `${engine}/run/settle.ts`,
    '(retryable ? again : dead).push({ place, error });',
    'if (retryable) again.push({ place, error });\n    dead.push({ place, error });',
  ),
  planted(
    'one item that fails for good is tried no more, and no letter says so',
    `${engine}/run/settle.ts`,
    'deadLetters: dead.map((failure) => itemLetter(session, batch, failure)) };\n  if (again',
    'deadLetters: dead.slice(1).map((failure) => itemLetter(session, batch, failure)) };\n  if (again',
  ),
  planted(
    'outputs are joined in the order of their arrival',
    `${engine}/live/outputs.ts`,
    '    .sort((a, b) => a.place - b.place);\n',
    ';\n',
  ),
  planted(
    'neighbours are combined the wrong way round',
    `${engine}/live/combine.ts`,
    'runs.push(join(left, right));',
    'runs.push(join(right, left));',
  ),
  planted(
    'a combined result keeps outputs that were dropped',
    `${engine}/run/write-endings.ts`,
    "  if (ended.some(({ event }) => event.type === 'REOPEN')) session.combiner?.reset();\n",
    '',
  ),
  planted(
    'the result is recorded before finalize is called',
    `${engine}/end/finalize.ts`,
    'const made = await makeResult(session, input, combined);',
    "await moveSession(session, { type: 'FINALIZED' }, { result: null });\n    const made = await makeResult(session, input, combined);",
  ),
  planted(
    'finalize is called once and its failure is the session’s',
    `${engine}/end/finalize.ts`,
    'if (thrown >= session.policies.attempts || !retryable)',
    'if (thrown >= 1 || !retryable)',
  ),
  planted(
    "partial: 'forbid' is not looked at",
    `${engine}/end/advance.ts`,
    "policies.partial === 'forbid' && counts.items.failed > 0",
    "policies.partial === 'forbid' && counts.items.failed < 0",
  ),
  planted(
    'a cancel is not seen',
    `${engine}/live/requests.ts`,
    '  if (cancelReason === null) return;\n',
    '  if (cancelReason !== undefined) return;\n',
  ),
];
