import { closeSync, readSync, writeSync } from 'node:fs';
import type { Limits } from '../../model/work.ts';
import { hasLimits } from './limits.ts';
import { type Note, type NoteReading, openNote } from './note.ts';

/**
 * A note in an open file, for a worker whose memory dies with it. A write costs 2 to 4 µs, so each item has one, at its start;
 * what only limits ask for is written only under limits.
 */
export function openFileNote(file: number, limits: Limits): Note {
  const note = openNote();
  const bytes = new Uint8Array(note.memory);
  const write = (): void => void writeSync(file, bytes, 0, bytes.byteLength, 0);
  const writeIf = (needed: boolean): (() => void) => (needed ? write : () => undefined);
  const writeLimited = writeIf(hasLimits(limits));
  const writeItemLimited = writeIf(limits.itemTimeoutMs !== undefined);
  const writeBeat = writeIf(limits.stallMs !== undefined);
  const writing =
    <Given extends readonly unknown[]>(act: (...given: Given) => void, then: () => void) =>
    (...given: Given): void => {
      act(...given);
      then();
    };
  return {
    memory: note.memory,
    read: note.read,
    prepare: writing(note.prepare, write),
    startTask: writing(note.startTask, write),
    startItem: writing(note.startItem, write),
    endItem: writing(note.endItem, writeItemLimited),
    mention: writing(note.mention, write),
    beat: writing(note.beat, writeBeat),
    endTask: writing(note.endTask, writeLimited),
  };
}

/** The host's side of a note in a file. */
export interface FileNoteReader {
  read(): NoteReading;
  /** Before another group: says that nothing has begun. */
  clear(): void;
  /** Closes the file. What it said last is still read. */
  close(): void;
}

/** Takes over an open file. */
export function openFileNoteReader(file: number): FileNoteReader {
  const note = openNote();
  const bytes = new Uint8Array(note.memory);
  const again = new Uint8Array(bytes.byteLength);
  let isOpen = true;
  const fill = (into: Uint8Array): void => void into.fill(0, readSync(file, into, 0, into.byteLength, 0));
  const read = (): NoteReading => {
    if (!isOpen) return note.read();
    fill(bytes);
    // The worker may be in the middle of a write: so twice, until both agree.
    for (let time = 0; time < maxReads; time++) {
      fill(again);
      if (again.every((byte, index) => byte === bytes[index])) break;
      bytes.set(again);
    }
    return note.read();
  };
  return {
    read,
    clear() {
      bytes.fill(0);
      if (isOpen) writeSync(file, bytes, 0, bytes.byteLength, 0);
    },
    close() {
      if (!isOpen) return;
      read();
      isOpen = false;
      closeSync(file);
    },
  };
}

/** A worker that writes without a pause is late for nothing. */
const maxReads = 3;
