import { defineWork } from '../../model/work.ts';
import { checkLines } from './check-lines.ts';

export default defineWork(checkLines);
