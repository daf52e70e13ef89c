// Thousands of damaged packets: they may end the connection that sent them, but the server serves another client
// throughout. The damage is pseudo-random with a fixed seed, so that a failure can be reproduced.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, connect, open, parser, within } from "./client.mjs";
import msgpack from "socket.io-msgpack-parser";

const auth = { token: "good" };
const ROUNDS = 3000;

let state = 1;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const good = [
  '2/shop,["add",1,2]',
  '2/shop,17["buy",{"lines":[{"article":"a","count":2}]}]',
  '2/shop,["order",{"lines":[]}]',
  '3/shop,1[true]',
  '51-/shop,["buy",{"_placeholder":true,"num":0}]',
  '0/shop,{"token":"good"}',
  "1/shop,",
  `2/shop,["buy",${"[".repeat(500)}${"]".repeat(500)}]`,
  `2/shop,["add",${"9".repeat(400)},1e999]`,
];
const packets = [
  { type: 2, nsp: "/shop", data: ["add", 1, 2], id: 4 },
  { type: 2, nsp: "/shop", data: ["buy", { lines: [{ article: "a", count: 2 }] }], id: 5 },
  { type: 2, nsp: "/shop", data: ["buy", new Date(0), undefined, Buffer.from([1, 2])], id: 6 },
  { type: 3, nsp: "/shop", data: [true], id: 7 },
];

function damagedText() {
  const text = [...good[random(good.length)]];
  for (let count = random(4); count > 0; count--) {
    const place = random(text.length);
    const what = random(3);
    if (what === 0) text.splice(place, 1 + random(5));
    else if (what === 1) text[place] = String.fromCharCode(random(65536));
    else text.splice(place, 0, '{}[]",:0\\u0000-'[random(15)]);
  }
  return text.join("");
}

function damagedBytes() {
  const encoder = new msgpack.Encoder();
  const bytes = Buffer.from(encoder.encode(packets[random(packets.length)])[0]);
  for (let count = random(4); count > 0; count--) bytes[random(bytes.length)] = random(256);
  return random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

const damaged = parser === "msgpack" ? damagedBytes : damagedText;

async function attacker() {
  const socket = open("/shop", { auth });
  await within(new Promise((resolve) => socket.once("connect", resolve)), "a connection");
  return socket;
}

test("damaged packets hurt nobody else", async () => {
  const bystander = await connect("/shop", { auth });
  let socket = await attacker();
  for (let round = 0; round < ROUNDS; round++) {
    if (!socket.io.engine || socket.io.engine.readyState !== "open") {
      socket.close();
      socket = await attacker();
    }
    socket.io.engine.write(damaged());
    if (random(40) === 0) socket.io.engine.write(Buffer.from([random(256)]));
    if (round % 100 === 0) assert.deepEqual(await ask(bystander, "add", round, 1), [{ status: "ok", data: round + 1 }]);
  }
  assert.ok(bystander.connected);
  socket.close();
  bystander.close();
});
