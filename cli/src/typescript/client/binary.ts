/** Received binary data. */
export type Binary = ArrayBuffer | Uint8Array;
