import type { EmitFailure } from "../events";

/** Describes why a room was not joined. */
export function joinProblem(
  failure: EmitFailure<"/chat", "room:join">,
): string {
  switch (failure.status) {
    case "error":
      switch (failure.error.reason) {
        case "invalidName":
          return `A room’s name has lower-case letters, digits and hyphens, ${failure.error.longest} at most.`;
        case "tooManyRooms":
          return `There are ${failure.error.most} rooms already.`;
      }
    case "rejected":
      return failure.reason.message;
    case "timeout":
      return "The server does not answer.";
    case "disconnected":
    case "aborted":
      return "The connection was lost.";
  }
}

/** Describes why a message was not posted; `undefined` if another attempt makes sense. */
export function postProblem(
  failure: EmitFailure<"/chat", "post">,
): string | undefined {
  switch (failure.status) {
    case "error":
      switch (failure.error.reason) {
        case "notInRoom":
          // The client is joining the room again.
          return undefined;
        case "empty":
          return "The message is empty.";
        case "tooLong":
          return `A message has ${failure.error.longest} characters at most.`;
        case "imageTooLarge":
          return `An image has ${Math.round(failure.error.most / 1000)} kB at most.`;
        case "notAnImage":
          return "This image format is not supported.";
        case "idTaken":
          return "Another user posted this message.";
      }
    case "rejected":
      return failure.reason.message;
    case "timeout":
    case "disconnected":
    case "aborted":
      return undefined;
  }
}
