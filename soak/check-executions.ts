import type { Line } from './history.ts';
import { type CheckedSession, groupBy, type Violation } from './violation.ts';

/** One execution of a batch, or of one item: places in the history. */
interface Execution {
  readonly host: number;
  readonly pid: number;
  /** When its host was about to claim the batch. */
  readonly claim: number;
  readonly begin: number;
  /** Its last sign of life. */
  last: number;
  end: { readonly place: number; readonly at: number } | undefined;
}

/** When hosts were harmed: places in the history. */
type Harm = ReadonlyMap<number, { readonly type: 'dead' | 'suspended' | 'lost'; readonly place: number }[]>;

/** What was seen of the work: nothing runs twice without a reason, nothing while its claim was another's, nothing that was settled. */
export function checkExecutions(sessions: readonly CheckedSession[], lines: readonly Line[]): Violation[] {
  const executions = executionsOf(lines);
  const harm = harmOf(lines);
  const violations: Violation[] = [];
  const settled = settledOf(lines);
  for (const [unit, all] of executions) {
    for (const [index, execution] of all.entries()) {
      const before = all[index - 1];
      if (before) violations.push(...checkPair(unit, before, execution, harm));
      const settledAt = settled.get(unit.slice(0, unit.lastIndexOf('/')));
      if (settledAt !== undefined && execution.begin > settledAt && !couldBeLate(execution, harm)) {
        violations.push({
          rule: 'what is settled stays',
          what: `${unit} began again in ${execution.pid} after its batch was completed`,
        });
      }
    }
  }
  for (const session of sessions) violations.push(...checkSession(session, executions, ownersOf(lines)));
  return violations;
}

function unitOf(line: { session: string; batch: number; item: number | null }): string {
  return `${line.session}/${line.batch}/${line.item ?? ''}`;
}

function executionsOf(lines: readonly Line[]): ReadonlyMap<string, Execution[]> {
  const executions = new Map<string, Execution[]>();
  const claims = new Map<string, number>();
  for (const [place, line] of lines.entries()) {
    if (line.type === 'claiming') for (const batch of line.batches) claims.set(`${line.host}/${line.session}/${batch}`, place);
    if (line.type !== 'begin' && line.type !== 'end' && line.type !== 'tick') continue;
    const unit = unitOf(line);
    const all = executions.get(unit) ?? [];
    executions.set(unit, all);
    if (line.type === 'begin') {
      const claim = claims.get(`${line.host}/${line.session}/${line.batch}`) ?? place;
      all.push({ host: line.host, pid: line.pid, claim, begin: place, last: place, end: undefined });
    } else {
      const open = all.findLast(({ pid, end }) => pid === line.pid && end === undefined);
      if (open) open.last = place;
      if (open && line.type === 'end') open.end = { place, at: line.at };
    }
  }
  return executions;
}

function harmOf(lines: readonly Line[]): Harm {
  const harm = new Map<number, { type: 'dead' | 'suspended' | 'lost'; place: number }[]>();
  for (const [place, line] of lines.entries()) {
    const type = harmType(line);
    if (type) harm.set(line.host, [...(harm.get(line.host) ?? []), { type, place }]);
  }
  return harm;
}

function harmType(line: Line): 'dead' | 'suspended' | 'lost' | undefined {
  if (line.type === 'lost') return 'lost';
  if (line.type === 'exited') return 'dead';
  if (line.type !== 'signal') return undefined;
  if (line.signal === 'SIGKILL') return 'dead';
  return line.signal === 'SIGSTOP' ? 'suspended' : undefined;
}

/**
 * A second execution needs a reason: the host of the first died, or others could take it for dead. If it died, all of it is gone
 * before the second begins; only a host that lost its lease may still be at it.
 */
function checkPair(unit: string, before: Execution, after: Execution, harm: Harm): Violation[] {
  // A child of a dead host may begin with one item more before it dies.
  const reasons = (harm.get(before.host) ?? []).filter(({ type, place }) => {
    if (type === 'dead') return place < after.begin;
    return place > before.begin && (type === 'lost' || place < after.begin);
  });
  const isLate = couldBeLate(before, harm) || couldBeLate(after, harm);
  if (reasons.length === 0 && !isLate) {
    const what = `${unit} began in ${before.pid} and again in ${after.pid}, and nothing had happened to host ${before.host}`;
    return [{ rule: 'nothing runs again without a reason', what }];
  }
  const couldBeTaken = reasons.some(({ type }) => type !== 'dead');
  if (!isLate && !couldBeTaken && before.last > after.begin) {
    const what = `${unit} was still at work in ${before.pid} when it began in ${after.pid}`;
    return [{ rule: 'no two at once after a death', what }];
  }
  return [];
}

/** Whether its host lost the claim before it began, by being suspended for too long, and may not have known. Its answer will be refused. */
function couldBeLate({ host, claim, begin }: Execution, harm: Harm): boolean {
  return (harm.get(host) ?? []).some(
    ({ type, place }) => place > claim && (type === 'lost' || (type === 'suspended' && place < begin)),
  );
}

/** Batches that a host was told are completed: where it was told first. */
function settledOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const settled = new Map<string, number>();
  for (const [place, line] of lines.entries()) {
    if (line.type !== 'settled' || line.to !== 'completed') continue;
    const batch = `${line.session}/${line.batch}`;
    if (!settled.has(batch)) settled.set(batch, place);
  }
  return settled;
}

function ownersOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  return new Map(lines.flatMap((line) => (line.type === 'owner' ? [[line.owner, line.pid] as const] : [])));
}

/** The store's clock has whole milliseconds. */
const roundingMs = 2;

function checkSession(
  { session, batches, attempts, plan, perItem }: CheckedSession,
  executions: ReadonlyMap<string, Execution[]>,
  owners: ReadonlyMap<string, number>,
): Violation[] {
  const completed = groupBy(
    attempts.filter(({ outcome }) => outcome === 'completed'),
    ({ number }) => number,
  );
  return batches.flatMap(({ number, attempt, first, items }) => {
    const violations: Violation[] = [];
    const units = perItem ? Array.from({ length: items }, (_, place) => `${first + place}`) : [''];
    const counts = units.map((unit) => executions.get(`${session.id}/${number}/${unit}`)?.length ?? 0);
    const most = Math.max(...counts);
    if (counts.includes(0))
      violations.push({ rule: 'every item runs', what: `batch ${number} of ${plan.key} has items that never ran` });
    if (attempt > most)
      violations.push({ rule: 'charges', what: `batch ${number} of ${plan.key} ran ${most} times and was charged ${attempt}` });
    const [settled, ...others] = completed.get(number) ?? [];
    if (!settled || others.length > 0)
      violations.push({
        rule: 'completed once',
        what: `batch ${number} of ${plan.key} completed ${others.length + (settled ? 1 : 0)} times`,
      });
    const didIt = (unit: string): boolean =>
      executions
        .get(`${session.id}/${number}/${unit}`)
        ?.some(
          ({ host, end }) => host === owners.get(settled?.owner ?? '') && end && end.at <= (settled?.endedAt ?? 0) + roundingMs,
        ) ?? false;
    if (settled && !units.every(didIt)) {
      const what = `batch ${number} of ${plan.key} was settled for ${settled.owner}, whose host had not done it then`;
      violations.push({ rule: 'who settles has done it', what });
    }
    return violations;
  });
}
