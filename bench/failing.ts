/** How the work of the detection bench goes wrong. */
export type Failure = 'throw' | 'exit' | 'crash' | 'spin' | 'wait';

/** An item of the detection bench: what to do, and the file in which to note when. */
export interface FailingItem {
  readonly failure: Failure;
  readonly noteIn: string;
}

/** Milliseconds by a clock that all processes of this machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
