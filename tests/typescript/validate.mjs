// Reads values from standard input, and says of each whether its validator accepts it: `node validate.mjs MODULE`.
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const module = await import(pathToFileURL(process.argv[2]));
const values = JSON.parse(await text(process.stdin));
const verdicts = values.map(
  ([name, value]) => module[`${name}Schema`].safeParse(value).success,
);
console.log(JSON.stringify(verdicts));
