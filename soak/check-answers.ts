import type { Line } from './history.ts';
import { digestOf } from './jobs.ts';
import type { CheckedSession, Violation } from './violation.ts';

/** What was acknowledged, to hosts, to callers and to the outside, is what the store holds. */
export function checkAnswers(sessions: readonly CheckedSession[], lines: readonly Line[]): Violation[] {
  const known = new Map(sessions.map((session) => [session.session.id as string, session]));
  const violations = lines.flatMap((line): Violation[] => {
    switch (line.type) {
      case 'created':
        return known.has(line.session)
          ? []
          : [{ rule: 'nothing acknowledged is lost', what: `session ${line.session} (${line.key}) is gone` }];
      case 'settled':
        return line.to === 'completed' ? checkSettled(line, known.get(line.session)) : [];
      case 'ended': {
        const state = known.get(line.session)?.session.state;
        return state === line.state
          ? []
          : [{ rule: 'what has ended stays', what: `${line.session} had ended as ${line.state}, and is ${state}` }];
      }
      case 'finalize':
      case 'answered': {
        const expected = known.get(line.session)?.expected;
        const isRight = expected !== undefined && line.digest === digestOf(expected);
        return isRight ? [] : [{ rule: 'one result', what: `${line.type} of ${line.session} told of another result` }];
      }
      default:
        return [];
    }
  });
  return [...violations, ...sessions.flatMap((session) => checkFinalize(session, lines))];
}

type Settled = Extract<Line, { type: 'settled' }>;

/** The claim whose settle was acknowledged is the one that the store names. */
function checkSettled({ session, batch, token, pid }: Settled, checked: CheckedSession | undefined): Violation[] {
  const attempt = checked?.completedBy.get(batch);
  if (attempt === token) return [];
  const what = `batch ${batch} of ${session} was acknowledged to ${pid} under ${token}, the store names ${attempt}`;
  return [{ rule: 'nothing acknowledged is replaced', what }];
}

/** It is called under one id a generation; a sink that knows the id sees one effect. */
function checkFinalize({ session, plan }: CheckedSession, lines: readonly Line[]): Violation[] {
  const calls = lines.filter((line) => line.type === 'finalize' && line.session === session.id) as Extract<
    Line,
    { type: 'finalize' }
  >[];
  const ids = new Set(calls.map(({ finalizeId }) => finalizeId));
  if (ids.size !== 1 || session.generation !== 1) {
    return [
      {
        rule: 'one finalize id',
        what: `${plan.key} has generation ${session.generation} and was finalized under ${[...ids].join(', ')}`,
      },
    ];
  }
  const ended = lines.filter((line) => line.type === 'ended' && line.session === session.id);
  if (ended.length > 1)
    return [{ rule: 'one recorded result', what: `${ended.length} hosts were told that they ended ${plan.key}` }];
  return [];
}
