import { defineWork } from '../../model/work.ts';
import { readLog } from './read-log.ts';

export default defineWork(readLog);
