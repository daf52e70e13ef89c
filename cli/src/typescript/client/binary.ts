/** Binary data, as it is received. */
export type Binary = ArrayBuffer | Uint8Array;
