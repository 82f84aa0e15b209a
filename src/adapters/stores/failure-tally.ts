import type { Category, ErrorInfo } from '../../model/errors.ts';
import { normalMessage } from '../../model/normal-message.ts';
import type { NormalFailures } from '../../model/questions.ts';

/** What is told of an attempt that failed without a recorded error. */
export const unknownFailure: Pick<ErrorInfo, 'message' | 'category'> = { message: 'No reason was recorded.', category: 'lost' };

type Failure = Pick<ErrorInfo, 'message' | 'category'>;

/** Counts failures by normal message and category: as many entries as there are kinds of failures, however many failures. */
export interface FailureTally {
  addLetter(error: Failure, items: number, itemId: string): void;
  addAttempt(error: Failure | null): void;
  /** Most items first, then most attempts, then by message and category. */
  groups(limit: number): readonly NormalFailures[];
}

interface Group {
  readonly message: string;
  readonly category: Category;
  items: number;
  letters: number;
  attempts: number;
  readonly examples: string[];
}

const maxExamples = 5;

export function createFailureTally(): FailureTally {
  const groups = new Map<string, Group>();
  const groupOf = (error: Failure): Group => {
    const message = normalMessage(error.message);
    const name = `${error.category}\n${message}`;
    let group = groups.get(name);
    if (!group) {
      group = { message, category: error.category, items: 0, letters: 0, attempts: 0, examples: [] };
      groups.set(name, group);
    }
    return group;
  };
  return {
    addLetter(error, items, itemId) {
      const group = groupOf(error);
      group.items += items;
      group.letters++;
      if (group.examples.length < maxExamples) group.examples.push(itemId);
    },
    addAttempt(error) {
      groupOf(error ?? unknownFailure).attempts++;
    },
    groups: (limit) => [...groups.values()].sort(largestFirst).slice(0, limit),
  };
}

function largestFirst(left: Group, right: Group): number {
  return (
    right.items - left.items ||
    right.attempts - left.attempts ||
    compare(left.message, right.message) ||
    compare(left.category, right.category)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
