import { hashOf } from '../../model/codec.ts';

/** Hashes items as they are read, without holding them: so that a slice that is read again can be told from another one. */
export interface ItemsHash {
  add(item: unknown): void;
  /** Hash of the items so far and of their order. */
  value(): string;
}

export function hashItems(): ItemsHash {
  let value = hashOf('');
  return {
    add(item) {
      value = hashOf(`${value}${textOf(item)}`);
    },
    value: () => value,
  };
}

/** The item as JSON. What has no such text (a circle) is not compared: it must not fail here, before its work has seen it. */
function textOf(item: unknown): string {
  try {
    return String(JSON.stringify(item));
  } catch {
    return typeof item === 'bigint' ? `${item}n` : '';
  }
}
