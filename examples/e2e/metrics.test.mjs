// The metrics and health of a server with real clients, and its shutdown.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";
import { startServer, within } from "./server.mjs";

let server;
before(async () => {
  server = await startServer("metrics-server");
});
after(() => server?.stop());

const once = (socket, event) =>
  within(
    20_000,
    event,
    new Promise((resolve) => socket.once(event, resolve)),
  );

async function connect(options) {
  const socket = io(server.address, { forceNew: true, ...options });
  await once(socket, "connect");
  return socket;
}

/** Reads all values of `/metrics`, by name and labels. */
async function metrics() {
  const text = await (await fetch(`${server.address}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line && line[0] !== "#");
  const pairs = lines.map((line) => line.match(/^(.*) (\S+)$/).slice(1));
  const values = new Map(pairs.map(([name, value]) => [name, Number(value)]));
  const labels = (wanted) =>
    Object.entries(wanted).map(([name, value]) => `${name}="${value}"`);
  return {
    text,
    /** Returns the value of the only metric with this name and these labels. */
    value(name, wanted = {}) {
      const found = [...values.keys()].filter(
        (key) =>
          key.split("{")[0] === name &&
          labels(wanted).every((label) => key.includes(label)),
      );
      assert.equal(found.length, 1, `${name} ${labels(wanted)}:\n${text}`);
      return values.get(found[0]);
    },
  };
}

/** Reads metrics until they are as expected: the server counts an end a moment after the client notices it. */
async function until(what, is) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const read = await metrics();
    if (is(read)) {
      return read;
    }
    assert.ok(Date.now() < deadline, `${what}:\n${read.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const namespace = "/";

test("metrics say what clients do", { timeout: 60_000 }, async () => {
  const websocket = await connect({ transports: ["websocket"] });
  const polling = await connect({ transports: ["polling"] });
  let heard = once(polling, "said");
  for (const text of ["one", "two", "three"]) {
    assert.equal((await websocket.emitWithAck("say", text)).status, "ok");
  }
  assert.equal(await heard, "one");
  await websocket.emitWithAck("work", 30);
  polling.on("confirm", (_, answer) => answer(true));
  assert.equal(await polling.emitWithAck("sure"), true);
  // This client does not answer.
  assert.equal(await websocket.emitWithAck("sure"), false);
  // The server knows neither the event nor the namespace below, and must not use them as labels.
  websocket.emit("made-up-by-a-client");
  const refused = await websocket.emitWithAck("say", { not: "a text" });
  assert.equal(refused.status, "rejected");
  const missing = io(`${server.address}/made-up-namespace`, {
    forceNew: true,
    transports: ["websocket"],
  });
  await once(missing, "connect_error");
  missing.close();

  const read = await until("two connections", (it) => it.value("sio_connections") === 2);
  assert.equal(read.value("sio_connections_opened_total"), 3);
  assert.equal(read.value("sio_sockets", { namespace }), 2);
  assert.equal(read.value("sio_sockets_connected_total", { namespace }), 2);
  const received = (event) =>
    read.value("sio_events_received_total", { event, namespace });
  assert.equal(received("say"), 4);
  assert.equal(received("work"), 1);
  assert.equal(received("sure"), 2);
  const sent = (event) =>
    read.value("sio_events_sent_total", { event, namespace });
  assert.equal(sent("said"), 3);
  assert.equal(sent("confirm"), 2);
  const rejected = (event, code) =>
    read.value("sio_events_rejected_total", { event, code, namespace });
  assert.equal(rejected("say", "invalid_payload"), 1);
  assert.equal(rejected("", "unknown_event"), 1);
  assert.ok(!read.text.includes("made-up"), "clients do not name labels");

  const work = { event: "work", from: "client" };
  assert.equal(read.value("sio_handler_seconds_count", work), 1);
  assert.ok(read.value("sio_handler_seconds_sum", work) >= 0.03);
  assert.equal(read.value("sio_handlers_running", { from: "client" }), 0);
  assert.equal(read.value("sio_ack_seconds_count", { event: "confirm" }), 1);
  assert.equal(read.value("sio_ack_timeouts_total", { event: "confirm" }), 1);

  websocket.close();
  polling.close();
  const later = await until("no connections", (it) => it.value("sio_connections") === 0);
  assert.equal(later.value("sio_sockets", { namespace }), 0);
  assert.equal(
    later.value("sio_sockets_disconnected_total", {
      reason: "client_disconnect",
    }),
    2,
  );
});

test("`/health` says that it drains, and no answer is lost", { timeout: 60_000 }, async () => {
  const health = async () => fetch(`${server.address}/health`);
  assert.equal((await health()).status, 200);
  const socket = await connect({ transports: ["websocket"], reconnection: false });
  const work = socket.emitWithAck("work", 1500);
  await socket.emitWithAck("say", "the work has begun");
  const gone = once(socket, "disconnect");
  const stopped = server.stop("SIGTERM");
  let answer;
  do {
    answer = await health();
  } while (answer.status === 200);
  assert.equal(answer.status, 503);
  const { isDraining, connections } = await answer.json();
  assert.deepEqual({ isDraining, connections }, { isDraining: true, connections: 1 });
  await work;
  assert.equal(await gone, "transport close");
  await stopped;
});
