// A client of the quickstart. `events.ts` is generated from its Rust traits.
import { connect } from "./events.js";

const socket = connect("http://localhost:3000", "/");

socket.on("message", ({ author, text }) => console.log(`${author}: ${text}`));

const answer = await socket.emitWithAck("post", {
  author: "Ada",
  text: "Hello",
});
if (answer.status === "ok") {
  console.log(`received by ${answer.data} others`);
}
