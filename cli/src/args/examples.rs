//! Examples and notes that follow the options in `--help`.

pub(super) const INIT: &str = "\
Examples:
  sio-types init                                the crate here
  sio-types init server                         a new crate in `server`
  sio-types init --output ../page/src/events.ts

What is there already is left alone: a second run changes nothing.";

pub(super) const GEN_TS: &str = "\
Examples:
  sio-types gen-ts -o ../page/src/events.ts           the crate here
  sio-types gen-ts -p server -o page/events.ts        a package of the workspace
  sio-types gen-ts -o page/events.ts --watch          again after every change
  sio-types gen-ts -o page/events.ts --check          write nothing, fail if it is stale
  sio-types gen-ts --react -o page/events.ts          with hooks for React
  sio-types gen-ts --node -o worker/events.ts         for a service on Node
  sio-types gen-ts --config                           all files of sio-types.toml

Exit codes: 0 done, 1 the file is not what would be written, 2 a wrong use, 3 a crate that does not build.";

pub(super) const GEN_ASYNCAPI: &str = "\
Examples:
  sio-types gen-asyncapi -o asyncapi.yaml
  sio-types gen-asyncapi --title Chat --app-version 1.2.0 --server wss://chat.example.com -o asyncapi.json
  sio-types gen-asyncapi --schema schema.json --format yaml

A namespace is a channel, an event a message whose payload is the list of its arguments, an acknowledgement the reply of
its operation. Operations are the server's.";

pub(super) const CHECK: &str = "\
Example of a sio-types.toml:
  package = \"server\"

  [[output]]
  file = \"page/src/events.ts\"

  [[output]]
  file = \"worker/events.ts\"
  node = true

  [[output]]
  file = \"schema.json\"
  kind = \"schema\"

  [[output]]
  file = \"docs/events.html\"
  kind = \"docs\"
  title = \"Chat\"

`sio-types gen-ts --config` writes what can be written. Exit codes: 0 all is right, 1 something is not, 2 a wrong use,
3 a crate that does not build.";

pub(super) const DIFF: &str = "\
Examples:
  sio-types diff --against main                 the crate as it is, with the branch `main`
  sio-types diff old.json                       the crate as it is, with a schema document
  sio-types diff old.json new.json              two schema documents
  sio-types diff --against v1.2.0 --schema schema.json --format github

The rules are described in docs/compatibility.md. Exit codes: 0 nothing that fails, 1 a change that does,
2 a wrong use, 3 a crate that does not build.";

pub(super) const GEN_SCHEMA: &str = "\
Examples:
  sio-types gen-schema -o schema.json
  sio-types gen-schema | jq '.namespaces[].path'
  sio-types gen-schema -p chat -p admin -o schema.json   two packages as one document";

pub(super) const COMPLETIONS: &str = "\
Examples:
  sio-types completions bash > ~/.local/share/bash-completion/completions/sio-types
  sio-types completions zsh > ~/.zfunc/_sio-types
  sio-types completions fish > ~/.config/fish/completions/sio-types.fish";

pub(super) const MAN: &str = "\
Examples:
  sio-types man | man -l -
  sio-types man --output ~/.local/share/man/man1";

pub(super) const GEN_DOCS: &str = "\
Examples:
  sio-types gen-docs -o events.html
  sio-types gen-docs --title Chat --server https://chat.example.com -o events.html
  sio-types gen-docs --serve                    on http://127.0.0.1:4400, again after every change

The page needs nothing beside it. On it events can be sent to a running server, and those that arrive are shown.";

pub(super) const SCAN: &str = "\
Examples:
  sio-types scan page/src                       with the crate here
  sio-types scan page/src --schema schema.json
  sio-types scan web/src mobile/src --deny-unused

TypeScript and JavaScript are read, but for what git ignores. What is a socket is told by `connect`, `io` and
`manager.socket`, by the types of the generated module, or by a name that ends in `socket`. Exit codes: 0 all is right,
1 something is not, 2 a wrong use, 3 a crate that does not build.";
