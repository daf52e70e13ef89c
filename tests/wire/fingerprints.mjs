// Clients whose events differ from the server's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { connect, refused } from "./client.mjs";

const { own, refuses } = JSON.parse(readFileSync(process.env.INPUT, "utf8"));
const query = (of) => ({ query: { sioTypes: of }, forceNew: true });
const foreign = "0123456789abcdef";

const served = {
  "says nothing": {},
  "knows the same events": query(`/other=${foreign},/chat=${own}`),
  "knows those of before": query("/chat=00c0ffee00c0ffee"),
};
for (const [what, options] of Object.entries(served)) {
  test(`a client that ${what} is served`, async () => {
    const socket = await connect("/chat", options);
    socket.close();
  });
}

for (const sent of [`/chat=${foreign}`, `/other=${own}`, "nonsense", ""]) {
  test(`a client that sends \`${sent}\` is ${refuses ? "refused" : "served"}`, async () => {
    if (!refuses) {
      return (await connect("/chat", query(sent))).close();
    }
    const { message, data } = JSON.parse((await refused("/chat", query(sent))).message);
    assert.equal(message, "unsupported version");
    const client = sent.startsWith("/chat=") ? foreign : "";
    assert.deepEqual(data, { code: "unsupported_version", client, server: own });
  });
}
