import { MillraceError } from '../model/errors.ts';
import type { JobDefinition } from '../model/job.ts';
import { isSameAnswer, showBoth } from './differ.ts';
import type { OpenWork } from './open-work.ts';
import type { Random } from './random.ts';
import { type Piece, readPieces } from './read-pieces.ts';
import { type Cut, shrinkCut } from './shrink-cut.ts';
import { type Answer, openWindows, type Windows } from './windows.ts';

/**
 * Tests the law of `combine` on random cuts of one input.
 *
 * @returns How many cuts were compared: 0 when the input is too short to be cut.
 */
export async function checkCuts(
  job: JobDefinition,
  work: OpenWork,
  input: unknown,
  cuts: number,
  random: Random,
): Promise<number> {
  const windows = openWindows(job, work, await piecesOf(job, input));
  if (windows.count < 2) return 0;
  const answers: Answer[] = [];
  for (let tried = 0; tried < cuts; tried++) answers.push(await checkCut(job, windows, randomCut(windows, tried, random)));
  refuseSilence(job, answers);
  return cuts;
}

/** Work that fails everywhere gives the same nothing for every cut: that must not pass as a test. */
function refuseSilence(job: JobDefinition, answers: readonly Answer[]): void {
  if (answers.some((answer) => 'output' in answer && answer.output !== null)) return;
  const [first] = answers;
  const why = first && 'threw' in first ? `it failed with: ${first.threw}` : 'it returned nothing';
  throw new MillraceError(
    'ALL_FAILED',
    `The work of job ${job.name} gave no output on this input, so nothing was tested; ${why}`,
  );
}

async function piecesOf(job: JobDefinition, input: unknown): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of readPieces(job, input, new AbortController().signal)) pieces.push(piece);
  return pieces;
}

/** Short stretches find most faults and are cheap; every fourth may be long. */
function randomCut({ count, longest: most }: Windows, tried: number, random: Random): Cut {
  const longest = tried % 4 === 3 ? most : Math.min(most, 5);
  const length = 2 + random.below(longest - 1);
  const from = random.below(count - length + 1);
  return { from, at: from + 1 + random.below(length - 1), to: from + length };
}

async function checkCut(job: JobDefinition, windows: Windows, cut: Cut): Promise<Answer> {
  const breaks = async (candidate: Cut): Promise<boolean> => {
    const { whole, joined } = await answersOf(windows, candidate);
    return !isSameAnswer(whole, joined);
  };
  if (await breaks(cut)) throw await lawBroken(job, windows, await shrinkCut(cut, breaks));
  return windows.whole(cut.from, cut.to);
}

async function answersOf(windows: Windows, { from, at, to }: Cut) {
  const whole = await windows.whole(from, to);
  return { whole, joined: windows.join(await windows.whole(from, at), await windows.whole(at, to)) };
}

async function lawBroken(job: JobDefinition, windows: Windows, cut: Cut): Promise<MillraceError> {
  const { whole, joined } = await answersOf(windows, cut);
  const [one, other] = showBoth(whole, joined);
  const where = `${windows.atom}s ${cut.from} to ${cut.to - 1}`;
  return new MillraceError(
    'LAW_BROKEN',
    `The result of job ${job.name} depends on how its input is cut: ${where} give ${one} as a whole, ` +
      `but ${other} when cut before ${windows.atom} ${cut.at} and combined. ` +
      'Outputs must hold all that combine needs (a sum and a count, not an average); floating-point sums must be exact.',
  );
}
