import type { Evidence, Violation } from './violation.ts';

/** Hosts end only when they are ended, close within their grace time, and leave nothing behind. */
export function checkHosts({ lines, truth }: Evidence): Violation[] {
  const left = truth.leftovers.filter((file) => !isOfNobody(file, lines));
  const violations: Violation[] = left.map((what) => ({ rule: 'nothing is left behind', what }));
  const signals = new Map<number, Set<string>>();
  const closed = new Set<number>();
  const ready = new Set<number>();
  for (const line of lines) {
    switch (line.type) {
      case 'signal':
        signals.set(line.host, new Set([...(signals.get(line.host) ?? []), line.signal]));
        break;
      case 'trouble':
        violations.push({ rule: 'no trouble', what: `host ${line.pid}: ${line.message}` });
        break;
      case 'ready':
        ready.add(line.pid);
        break;
      case 'closed':
        closed.add(line.pid);
        if (line.left.length > 0)
          violations.push({ rule: 'no handles left', what: `host ${line.pid} closed, and kept ${line.left.join(', ')}` });
        break;
      case 'exited':
        violations.push(...checkExit(line, signals.get(line.pid) ?? new Set(), closed.has(line.pid), ready.has(line.pid)));
        break;
      default:
        break;
    }
  }
  return violations;
}

/** A lock whose owner was killed before it was registered: it goes when it is older than a host takes to begin. */
function isOfNobody(file: string, lines: Evidence['lines']): boolean {
  return file.endsWith('.lock') && !lines.some((line) => line.type === 'owner' && file.endsWith(`/${line.owner}.lock`));
}

interface Exited {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
}

function checkExit({ pid, code, signal }: Exited, sent: ReadonlySet<string>, hasClosed: boolean, wasReady: boolean): Violation[] {
  if (signal === 'SIGKILL' && sent.has('SIGKILL')) return [];
  if (sent.has('SIGTERM') && code === 0 && hasClosed) return [];
  // Before its first line has run, nobody can handle anything.
  if (signal === 'SIGTERM' && sent.has('SIGTERM') && !wasReady) return [];
  return [
    {
      rule: 'hosts end when they are ended',
      what: `host ${pid} ended with ${signal ?? `code ${code}`} after ${[...sent].join(', ') || 'no signal'}`,
    },
  ];
}
