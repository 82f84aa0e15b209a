import type { FinalTrack, PathPiece } from './shapes.ts';

/** Turns tracks into the text of one file. Called in this order: begin, then per track open, piece..., close, then end. */
export interface OutputWriter {
  begin(): void;
  openTrack(track: FinalTrack): void;
  /** Only for formats that need paths. */
  addPiece(piece: PathPiece): void;
  closeTrack(track: FinalTrack): void;
  end(): void;
}

/** Does nothing: for the steps that a format has no use for. */
export function skip(): void {}
