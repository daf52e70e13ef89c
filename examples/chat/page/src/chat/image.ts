/** Maximum length of an image's longest side, in pixels. */
const LONGEST_SIDE = 1_280;

/** Maximum size of a file that is sent unchanged, in bytes. */
const SMALL = 200_000;

/** Prepares an image for sending. Small images stay unchanged, and others are scaled down. */
export async function prepared(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  if (scale === 1 && file.size <= SMALL) {
    return bytesOf(file);
  }
  const canvas = new OffscreenCanvas(
    Math.round(image.width * scale),
    Math.round(image.height * scale),
  );
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const smaller = await canvas.convertToBlob({
    type: "image/jpeg",
    quality: 0.85,
  });
  return bytesOf(smaller);
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
