/**
 * A copy of plain arrays, plain objects and binary contents, as deep as they go: what a callback does with it changes nothing else.
 * Everything else (class instances, functions) stays what it is.
 *
 * Neither the codec nor `structuredClone` serves here: the one refuses NaN and undefined, which a combined value may well
 * hold before `finalize` makes a result of it; the other copies the whole payload behind every typed array that is a view on it.
 */
export function ownCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ownCopy);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return copyView(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ownCopy(inner)]));
}

function copyView(view: ArrayBufferView): ArrayBufferView {
  if (view instanceof DataView) return new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  // Typed arrays copy one another in their constructor; a Buffer's own is not meant to be called.
  if (Buffer.isBuffer(view)) return Buffer.from(view);
  const { constructor: type } = view as ArrayBufferView & {
    readonly constructor: new (from: ArrayBufferView) => ArrayBufferView;
  };
  return new type(view);
}
