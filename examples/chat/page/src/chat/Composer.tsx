import { useEffect, useRef, useState, type SubmitEvent } from "react";
import type { RoomId } from "../events";
import { ownPicture } from "./Picture";
import { prepared } from "./image";

/** Form to write a message, optionally with an image. */
export function Composer(props: {
  room: RoomId;
  isOpen: boolean;
  isDisabled: boolean;
  onTyping: (isTyping: boolean) => void;
  onPost: (text: string, image: Uint8Array<ArrayBuffer> | null) => void;
}) {
  const { room, isOpen, isDisabled, onTyping, onPost } = props;
  const [text, setText] = useState("");
  const [image, setImage] = useState<Uint8Array<ArrayBuffer> | null>(null);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isOpen) {
      input.current?.focus();
    }
  }, [isOpen]);

  const attach = async (files: FileList | null) => {
    const file = files?.[0];
    if (!file) {
      return;
    }
    try {
      setImage(await prepared(file));
      setProblem(undefined);
    } catch {
      setProblem("This file is not an image.");
    }
    input.current?.focus();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() === "" && image === null) {
      return;
    }
    onTyping(false);
    onPost(text, image);
    setText("");
    setImage(null);
  };

  return (
    <form
      className="composer"
      onSubmit={submit}
      onPaste={(event) => void attach(event.clipboardData.files)}
    >
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {image && (
        <div className="attached">
          <img className="picture" src={ownPicture(image)} alt="Attached image" />
          <button
            type="button"
            className="quiet"
            onClick={() => setImage(null)}
          >
            Remove the image
          </button>
        </div>
      )}
      <div className="row">
        <label className="attach" title="Attach an image">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <rect x="3" y="5" width="18" height="14" rx="2" />
            <circle cx="8.5" cy="10" r="1.5" />
            <path d="m4 17 5-4 3 2 4-4 4 4" />
          </svg>
          <span className="hidden">Image</span>
          <input
            type="file"
            accept="image/*"
            disabled={isDisabled}
            onChange={(event) => {
              void attach(event.target.files);
              event.target.value = "";
            }}
          />
        </label>
        <label className="hidden" htmlFor={`text-${room}`}>
          Message
        </label>
        <input
          id={`text-${room}`}
          ref={input}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            onTyping(event.target.value !== "");
          }}
          placeholder="Message, @name to notify"
          autoComplete="off"
          disabled={isDisabled}
        />
        <button type="submit" disabled={isDisabled}>
          Send
        </button>
      </div>
    </form>
  );
}
