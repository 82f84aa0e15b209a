import { findText, type Span, type WholeText } from '../text/find-text.ts';
import type { Alignment } from './format/codes.ts';
import type { Annotations, Spanned } from './format/normalise.ts';

/** Annotations with offsets in the reference text, or why there are none. */
export type Aligned =
  | { readonly alignment: Alignment; readonly annotations: Annotations }
  | { readonly code: 'alignment_failed' | 'alignment_ambiguous' | 'lost_span' };

/** Finds a record's text in its reference, and moves its spans there. Offsets are code points on both sides. */
export function alignAnnotations(text: string, annotations: Annotations, reference: WholeText): Aligned {
  const found = findText(text, reference);
  if (!('move' in found)) return { code: `alignment_${found.how}` };
  let isLost = false;
  const moveOne = (span: Span): Span => {
    const moved = found.move(span);
    isLost ||= moved === undefined;
    return moved ?? span;
  };
  const moveAll = (list: readonly Spanned[]): Spanned[] =>
    list.map((one) => ({ ...one, span: Array.isArray(one.span) ? one.span.map(moveOne) : moveOne(one.span as Span) }));
  const { denotations, blocks } = annotations;
  const moved = { ...annotations, denotations: moveAll(denotations), blocks: moveAll(blocks) };
  return isLost ? { code: 'lost_span' } : { alignment: found.how, annotations: moved };
}
