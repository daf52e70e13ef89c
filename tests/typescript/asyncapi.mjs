// Prints what AsyncAPI's own parser finds wrong with a document, and what it reads of it.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter(({ severity }) => severity === 0);
const read = document && {
  channels: document.channels().all().map((channel) => channel.address()),
  operations: document.operations().all().map((operation) => `${operation.action()} ${operation.id()}`),
  replies: document.operations().all().filter((operation) => operation.reply()).length,
};
console.log(JSON.stringify({ errors: errors.map(({ message, path }) => `${path.join(".")}: ${message}`), read }));
