import { batchMoveCases } from './batch-move-cases.ts';
import { cacheCases } from './cache-cases.ts';
import { claimCases } from './claim-cases.ts';
import { commitCases } from './commit-cases.ts';
import { countCases } from './count-cases.ts';
import { deadLetterCases } from './dead-letter-cases.ts';
import { dedupeCases } from './dedupe-cases.ts';
import { depthCases } from './depth-cases.ts';
import { fenceCases } from './fence-cases.ts';
import { isolationCases } from './isolation-cases.ts';
import { keepCases } from './keep-cases.ts';
import { notificationCases } from './notification-cases.ts';
import { ownerCases } from './owner-cases.ts';
import { questionCases } from './question-cases.ts';
import { raceCases } from './race-cases.ts';
import { rateCases } from './rate-cases.ts';
import { readingCases } from './reading-cases.ts';
import { repeatCases } from './repeat-cases.ts';
import { replayCases } from './replay-cases.ts';
import { scheduleCases } from './schedule-cases.ts';
import { seatCases } from './seat-cases.ts';
import { sessionCases } from './session-cases.ts';
import { sessionMoveCases } from './session-move-cases.ts';
import type { StoreCase } from './store-case.ts';
import { takeoverCases } from './takeover-cases.ts';
import { tickInputCases } from './tick-input-cases.ts';

/**
 * Every behaviour of the store contract, as data: run them with any test runner, on any store.
 *
 * The moves are generated from the one table of legal moves: each legal one is made, each other one is tried and refused.
 */
export const storeCases: readonly StoreCase[] = [
  ...sessionCases,
  ...sessionMoveCases,
  ...batchMoveCases,
  ...commitCases,
  ...claimCases,
  ...fenceCases,
  ...repeatCases,
  ...raceCases,
  ...ownerCases,
  ...takeoverCases,
  ...isolationCases,
  ...deadLetterCases,
  ...replayCases,
  ...dedupeCases,
  ...readingCases,
  ...questionCases,
  ...countCases,
  ...keepCases,
  ...rateCases,
  ...seatCases,
  ...notificationCases,
  ...depthCases,
  ...scheduleCases,
  ...tickInputCases,
  ...cacheCases,
];
