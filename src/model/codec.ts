/** A value as a store keeps it: JSON text, or bytes when it holds typed arrays. */
export type Payload = string | Uint8Array;
