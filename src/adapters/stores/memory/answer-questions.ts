import type { QuestionName, Questions } from '../../../model/questions.ts';
import { notifications } from './notification-methods.ts';
import { attempts, categories, failures, jobs, repeated, rows, times } from './questions/count.ts';
import { depth } from './questions/depth.ts';
import { chain, crashed, newest, running, slowest } from './questions/list-batches.ts';
import type { MemoryState } from './state.ts';

type Answers = {
  readonly [Name in QuestionName]: (state: MemoryState, filter: Questions[Name]['filter']) => Questions[Name]['answer'];
};

const answers: Answers = {
  crashed,
  slowest,
  failures,
  categories,
  times,
  chain,
  running,
  repeated,
  attempts,
  rows,
  newest,
  jobs,
  depth,
  notifications,
};

/** Answers a question about all that the store holds. */
export function answerQuestion<Name extends QuestionName>(
  state: MemoryState,
  name: Name,
  filter: Questions[Name]['filter'],
): Questions[Name]['answer'] {
  state.look();
  return answers[name](state, filter);
}
