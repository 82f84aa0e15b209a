import type { Readable } from 'node:stream';

/** The end of what a child wrote to its standard error: why it died is said there, if anywhere. */
export interface StderrTail {
  text(): string;
}

/** V8 prints some KB of addresses after its reason. */
const maxTail = 16 * 1024;

/** Passes a child's words on to the host's own standard error, as fast as that takes them, and keeps their end. */
export function passStderrOn(from: Readable): StderrTail {
  let tail = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxTail);
    if (process.stderr.write(chunk)) return;
    from.pause();
    resumeWhenDrained(from);
  });
  return { text: () => tail.toString('utf8') };
}

const paused = new Set<Readable>();

/** One listener for all children: as many as there are workers would be called a leak. */
function resumeWhenDrained(stream: Readable): void {
  if (paused.size === 0) {
    process.stderr.once('drain', () => {
      const waiting = [...paused];
      paused.clear();
      for (const one of waiting) one.resume();
    });
  }
  paused.add(stream);
}
