import { defineWork } from '../../model/work.ts';
import { alignRecord } from './align-record.ts';

export default defineWork(alignRecord);
