import type { QuestionName, Questions } from '../../../model/questions.ts';
import type { SqliteFile } from './file.ts';
import { notifications } from './notification-methods.ts';
import type { Owners } from './owners.ts';
import { attempts, jobs, repeated, rows, times } from './questions/count-batches.ts';
import { categories, failures } from './questions/count-failures.ts';
import { depth } from './questions/depth.ts';
import { chain, crashed, newest, running, slowest } from './questions/list-batches.ts';

type Answers = {
  readonly [Name in QuestionName]: (file: SqliteFile, filter: Questions[Name]['filter']) => Questions[Name]['answer'];
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

/** Answers a question about the whole file. */
export function answerQuestion<Name extends QuestionName>(
  file: SqliteFile,
  owners: Owners,
  name: Name,
  filter: Questions[Name]['filter'],
): Questions[Name]['answer'] {
  if (name === 'running') owners.noticeDeaths();
  return answers[name](file, filter);
}
