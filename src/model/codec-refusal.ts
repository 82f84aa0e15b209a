import { isBinary } from './codec-bytes.ts';

/** Where and why a value is refused. */
export interface Refusal {
  readonly path: string;
  readonly reason: string;
}

/** Longest path in a message: a value can be nested a thousand deep. */
const maxPathLength = 200;

/** Finds the first refusal by a second, slower walk that knows where it is. Only called when there is one. */
export function explainRefusal(value: unknown, where: string, maxDepth: number): Refusal {
  const found = search(value, where, [], maxDepth) ?? { path: where, reason: 'it changed while it was read' };
  const { path, reason } = found;
  return path.length > maxPathLength ? { path: `${path.slice(0, maxPathLength)}...`, reason } : found;
}

function search(value: unknown, path: string, parents: readonly object[], maxDepth: number): Refusal | undefined {
  if (typeof value !== 'object' || value === null) {
    const reason = reasonOf(value);
    return reason === undefined ? undefined : { path, reason };
  }
  if (parents.includes(value)) return { path, reason: 'it refers back to an object that holds it' };
  if (parents.length >= maxDepth) return { path, reason: `it is nested deeper than ${maxDepth} levels` };
  if (Array.isArray(value)) return searchArray(value, path, [...parents, value], maxDepth);
  return isBinary(value) ? undefined : searchObject(value, path, [...parents, value], maxDepth);
}

function reasonOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : `it is ${value}`;
    case 'bigint':
      return 'it is a BigInt; store its text instead';
    case 'undefined':
      return 'it is undefined';
    case 'function':
      return 'it is a function';
    case 'symbol':
      return 'it is a symbol';
    default:
      return undefined;
  }
}

function searchArray(array: readonly unknown[], path: string, parents: readonly object[], maxDepth: number): Refusal | undefined {
  if (Object.getPrototypeOf(array) !== Array.prototype) return { path, reason: instanceReason(array) };
  for (let index = 0; index < array.length; index++) {
    if (!(index in array)) return { path: `${path}[${index}]`, reason: 'it is a hole in an array' };
    const found = search(array[index], `${path}[${index}]`, parents, maxDepth);
    if (found) return found;
  }
  const named = Object.keys(array).find((key) => !/^\d+$/.test(key));
  return named === undefined ? undefined : { path: path + step(named), reason: 'it is a named property of an array' };
}

function searchObject(object: object, path: string, parents: readonly object[], maxDepth: number): Refusal | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return { path, reason: instanceReason(object) };
  for (const [key, value] of Object.entries(object)) {
    const found = search(value, path + step(key), parents, maxDepth);
    if (found) return found;
  }
  const [symbol] = Object.getOwnPropertySymbols(object);
  return symbol === undefined ? undefined : { path, reason: `it has the symbol key ${String(symbol)}` };
}

function instanceReason(value: object): string {
  const name: unknown = value.constructor?.name;
  return `it is an instance of ${typeof name === 'string' && name !== '' ? name : 'a class without a name'}`;
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
