import { inspect } from 'node:util';
import { decode, type Payload } from '../model/codec.ts';
import type { Answer } from './windows.ts';

const shown = 160;
const before = 40;

/** Whether two answers are the same, byte for byte. What throws is not told apart by its message: that may name places. */
export function isSameAnswer(left: Answer, right: Answer): boolean {
  if ('threw' in left || 'threw' in right) return 'threw' in left && 'threw' in right;
  return isSamePayload(left.output, right.output);
}

function isSamePayload(left: Payload | null, right: Payload | null): boolean {
  if (left === null || right === null || typeof left === 'string' || typeof right === 'string') return left === right;
  return Buffer.compare(left, right) === 0;
}

/** Two different answers in words, long ones from shortly before the first difference on. */
export function showBoth(left: Answer, right: Answer): readonly [string, string] {
  const texts = [textOf(left), textOf(right)] as const;
  const start = Math.max(0, firstDifference(...texts) - before);
  const [one, other] = texts.map((text) => excerpt(text, start));
  return [one ?? '', other ?? ''];
}

function textOf(answer: Answer): string {
  if ('threw' in answer) return `an error (${answer.threw})`;
  if (answer.output === null) return 'no output';
  if (typeof answer.output === 'string') return answer.output;
  return inspect(decode(answer.output), {
    depth: 8,
    maxArrayLength: 10_000,
    maxStringLength: 10_000,
    breakLength: Number.POSITIVE_INFINITY,
  });
}

function firstDifference(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  return index;
}

function excerpt(text: string, start: number): string {
  const end = start + shown;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}
