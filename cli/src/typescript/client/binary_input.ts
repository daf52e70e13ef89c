/** Binary data, as it may be sent. */
export type BinaryInput = ArrayBuffer | ArrayBufferView | Blob;
