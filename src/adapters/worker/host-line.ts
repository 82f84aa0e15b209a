import { writeSync } from 'node:fs';
import { encodeFrame } from './frames.ts';
import type { ChildTelling, Told } from './process-wire.ts';

/** Writes what a child tells, each telling at once and whole. */
export interface HostLine {
  tell(ticket: string, telling: ChildTelling): void;
}

/** Opens the pipe to the host. It blocks while the host can't keep up: what is told never piles up here. */
export function openHostLine(file: number): HostLine {
  return {
    tell(ticket, telling) {
      for (const part of encodeFrame([ticket, telling] satisfies Told)) writeWhole(file, part);
    },
  };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
}
