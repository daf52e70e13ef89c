import { useEffect, useState } from "react";
import { Chat } from "../sockets";

/** Addresses of images that were fetched, and of the user's own images that are being sent. */
const fetched = new Map<string, string>();
const own = new WeakMap<Uint8Array, string>();

/** Image of a message, requested when it is shown. */
export function Picture({ message, of }: { message: string; of: string }) {
  const { isConnected } = Chat.useSocket();
  const { emit } = Chat.useEmitWithAck("image");
  const [address, setAddress] = useState(() => fetched.get(message));
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    if (address !== undefined || !isConnected) {
      return;
    }
    void emit(message).then((result) => {
      if (result.status === "ok") {
        const address = addressOf(new Uint8Array(result.data));
        fetched.set(message, address);
        setAddress(address);
      } else {
        setGone(result.status === "error");
      }
    });
  }, [address, isConnected, message, emit]);
  if (isGone) {
    return <p className="faint">The image is no longer available.</p>;
  }
  return address === undefined ? (
    <span className="picture placeholder" role="status">
      Loading the image…
    </span>
  ) : (
    <img
      className="picture"
      src={address}
      alt={`Image sent by ${of}`}
      data-testid="picture"
    />
  );
}

/** Returns the address of an image that is not posted yet. */
export function ownPicture(image: Uint8Array<ArrayBuffer>): string {
  const address = own.get(image) ?? addressOf(image);
  own.set(image, address);
  return address;
}

function addressOf(image: Uint8Array<ArrayBuffer>): string {
  return URL.createObjectURL(new Blob([image]));
}
