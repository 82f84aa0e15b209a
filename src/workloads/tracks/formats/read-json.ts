import { type ParsedTokenInfo, Tokenizer, TokenType } from '@streamparser/json';
import { createHoldLimit, FormatError, type FormatReader, maxDepth } from './format-reader.ts';
import { type Container, createHeldValues } from './held-values.ts';

/** What a reader of a JSON format wants of its file. */
export interface JsonElements {
  /** Keys of the root whose arrays are given element by element; `''` stands for a root that is an array itself. */
  readonly arrays: readonly string[];
  element(value: unknown, array: string): void;
  /** Given at the end: a root that is an object, without those arrays. Left out: it is passed over. */
  root?(value: unknown): void;
}

/** An array or object that is open. */
interface Frame {
  readonly isArray: boolean;
  /** Undefined: passed over. */
  readonly value: Container | undefined;
  /** The key that stands here, when its elements are given one by one. */
  readonly stream: string | undefined;
  key: string;
}

/** What may come next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

/** Reads JSON as it comes, and holds one element of it at a time. */
export function createJsonReader(wanted: JsonElements): FormatReader {
  const limit = createHoldLimit();
  const tokenizer = new Tokenizer();
  const assemble = createAssembler(wanted);
  let told = false;
  tokenizer.onToken = (token) => {
    told = true;
    assemble.take(token);
  };
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      throw error instanceof FormatError ? error : damaged((error as Error).message);
    }
  };
  return {
    write(bytes) {
      told = false;
      guarded(() => tokenizer.write(bytes));
      limit(told, bytes.length);
    },
    end() {
      if (!assemble.isWhole()) throw new FormatError('it ends in the middle: it was not written or copied whole');
      guarded(() => tokenizer.end());
    },
  };
}

function damaged(why: string): FormatError {
  return new FormatError(`its JSON is damaged (${why.slice(0, 200)})`);
}

interface Assembler {
  take(token: ParsedTokenInfo): void;
  /** Whether the root is closed. */
  isWhole(): boolean;
}

function createAssembler(wanted: JsonElements): Assembler {
  const frames: Frame[] = [];
  let expected: Expected = 'value';
  const held = createHeldValues();

  const need = (token: ParsedTokenInfo, ...allowed: readonly Expected[]): void => {
    if (!allowed.includes(expected))
      throw damaged(`${JSON.stringify(token.value)} at byte ${token.offset} where ${expected} was due`);
  };
  const ended = (value: unknown): void => {
    const parent = frames.at(-1);
    expected = parent ? 'comma or end' : 'nothing';
    if (!parent) wanted.root?.(value);
    if (parent?.stream === undefined) return;
    wanted.element(value, parent.stream);
    held.forgetElement();
  };
  const open = (isArray: boolean): void => {
    if (frames.length === maxDepth) throw new FormatError(`its values are nested more than ${maxDepth} deep`);
    const frame = openFrame(wanted, frames, isArray);
    const parent = frames.at(-1);
    if (frame.value && parent?.value) held.attach(isInElement(frames), parent.value, parent.key, frame.value);
    frames.push(frame);
    expected = isArray ? 'value or end' : 'key or end';
  };
  const close = (isArray: boolean, token: ParsedTokenInfo): void => {
    need(token, 'comma or end', isArray ? 'value or end' : 'key or end');
    const frame = frames.pop();
    if (frame?.isArray !== isArray) throw damaged(`${JSON.stringify(token.value)} at byte ${token.offset} closes nothing`);
    ended(frame.value);
  };
  const scalar = (token: ParsedTokenInfo): void => {
    const parent = frames.at(-1);
    if (token.token === TokenType.STRING && parent && (expected === 'key' || expected === 'key or end')) {
      parent.key = token.value as string;
      expected = 'colon';
      return;
    }
    need(token, 'value', 'value or end');
    if (parent?.value) held.attach(isInElement(frames), parent.value, parent.key, token.value);
    ended(token.value);
  };
  const take = (token: ParsedTokenInfo): void => {
    const { token: type } = token;
    if (type === TokenType.LEFT_BRACE || type === TokenType.LEFT_BRACKET) {
      need(token, 'value', 'value or end');
      open(type === TokenType.LEFT_BRACKET);
    } else if (type === TokenType.RIGHT_BRACE || type === TokenType.RIGHT_BRACKET) {
      close(type === TokenType.RIGHT_BRACKET, token);
    } else if (type === TokenType.COLON) {
      need(token, 'colon');
      expected = 'value';
    } else if (type === TokenType.COMMA) {
      need(token, 'comma or end');
      expected = frames.at(-1)?.isArray ? 'value' : 'key';
    } else {
      scalar(token);
    }
  };
  return { take, isWhole: () => expected === 'nothing' };
}

/** Elements that are given are kept until they are whole, and what the root has besides, where it is wanted; nothing else is. */
function openFrame({ arrays, root }: JsonElements, frames: readonly Frame[], isArray: boolean): Frame {
  const parent = frames.at(-1);
  const key = !parent ? '' : frames.length === 1 && !parent.isArray ? parent.key : undefined;
  const stream = isArray && key !== undefined && arrays.includes(key) ? key : undefined;
  const isKept = parent ? parent.value !== undefined || parent.stream !== undefined : root !== undefined;
  const value: Container = isArray ? [] : {};
  return { isArray, value: isKept && stream === undefined ? value : undefined, stream, key: '' };
}

function isInElement([root, array]: readonly Frame[]): boolean {
  return root?.stream !== undefined || array?.stream !== undefined;
}
