/** Binary data that can be sent. */
export type BinaryInput = ArrayBuffer | ArrayBufferView | Blob;
