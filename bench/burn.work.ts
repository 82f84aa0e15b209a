import { defineWork } from '../src/work.ts';
import { burn } from './burn.ts';

/** Burns as many rounds as the item says. */
export default defineWork({ each: (rounds: number) => burn(rounds) });
