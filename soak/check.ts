import { runSequential } from '../src/testing/run-sequential.ts';
import { checkAnswers } from './check-answers.ts';
import { checkExecutions } from './check-executions.ts';
import { checkHosts } from './check-hosts.ts';
import { checkStore } from './check-store.ts';
import { jobOf } from './jobs.ts';
import type { JobKind, SessionPlan } from './plan.ts';
import type { SessionTruth } from './truth.ts';
import { type CheckedSession, type Evidence, few, type Violation } from './violation.ts';

/** Holds what the store says at the end, and what was seen from outside, against the rules. */
export async function checkRound(evidence: Evidence, plans: readonly SessionPlan[], job: JobKind): Promise<Violation[]> {
  const { lines, truth } = evidence;
  const violations: Violation[] = [];
  if (truth.integrity !== 'ok') violations.push({ rule: 'integrity', what: truth.integrity });
  const sessions: CheckedSession[] = [];
  for (const plan of plans) {
    const found = truth.sessions.filter(({ session }) => session.key === plan.key);
    if (found.length !== 1) violations.push({ rule: 'one session a key', what: `${plan.key} has ${found.length} sessions` });
    const [session] = found;
    if (session) sessions.push(await checkedOf(session, plan, job));
  }
  for (const session of sessions) violations.push(...checkStore(session));
  violations.push(...checkExecutions(sessions, lines), ...checkAnswers(sessions, lines), ...checkHosts(evidence));
  return few(violations);
}

async function checkedOf(truth: SessionTruth, plan: SessionPlan, job: JobKind): Promise<CheckedSession> {
  const { result, status } = await runSequential(jobOf(job), { ...plan, history: '' });
  if (status !== 'completed') throw new Error(`The sequential run of ${plan.key} ended as ${status}.`);
  const completed = truth.attempts.filter(({ outcome }) => outcome === 'completed');
  const completedBy = new Map(completed.map(({ number, token }) => [number, token as string]));
  return { ...truth, plan, perItem: job === 'items' || job === 'singles', expected: result, completedBy };
}
