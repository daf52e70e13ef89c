/** The longest side of an image that is sent, in pixels. */
const LONGEST_SIDE = 1_280;

/** The most bytes that are sent as they are. */
const SMALL = 200_000;

/** An image as it is sent: small ones as they are, others made smaller. */
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
