import { expect, test } from "vitest";
import { build, type Rolldown } from "vite";

/** Bundles a page that imports parts of the module. */
async function bundle(page: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      rolldownOptions: {
        input: "virtual:page",
        preserveEntrySignatures: "strict",
        external: ["react", "socket.io-client"],
        treeshake: { moduleSideEffects: false },
      },
    },
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === "virtual:page" ? id : null),
        load: (id) => (id === "virtual:page" ? page : null),
      },
    ],
  })) as Rolldown.RolldownOutput;
  return result.output[0].code;
}

const module = JSON.stringify(
  new URL("../generated/events.ts", import.meta.url).pathname,
);

test("a page without hooks has nothing of them", async () => {
  const code = await bundle(`export { connect } from ${module};`);
  expect(code).toContain("manager.socket(");
  expect(code).not.toMatch(/react|useEffect|sharedRoom|fallibleEvents/);
  const hooks = await bundle(`export { createSocketHooks } from ${module};`);
  expect(hooks).toMatch(/"react"/);
  expect(hooks).not.toMatch(/unsupportedVersion|function register/);
});

test("a page that needs one constant has nothing else", async () => {
  const code = await bundle(`export { fingerprints } from ${module};`);
  expect(code).not.toMatch(/import|new Map|new WeakMap|function/);
});
