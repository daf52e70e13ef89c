//! Examples and notes that follow the options in `--help`.

pub(super) const INIT: &str = "\
Examples:
  sio-types init                                 add events to the package in this directory
  sio-types init server                          create a package in `server`
  sio-types init --output ../page/src/events.ts  choose the TypeScript file

Existing files and events stay unchanged, so it is safe to run the command again.";

pub(super) const GEN_TS: &str = "\
Examples:
  sio-types gen-ts -o ../page/src/events.ts           the package in this directory
  sio-types gen-ts -p server -o page/events.ts        a package of the workspace
  sio-types gen-ts -o page/events.ts --watch          regenerate after every change
  sio-types gen-ts -o page/events.ts --check          fail if the file is out of date
  sio-types gen-ts --react -o page/events.ts          with hooks for React
  sio-types gen-ts --node -o worker/events.ts         with types for Socket.IO's Node.js server
  sio-types gen-ts --config                           all files of sio-types.toml

Exit codes:
  0  success
  1  the file is missing or out of date (`--check`)
  2  invalid arguments, configuration or schema, or an unreadable file
  3  the crate does not build, or has no events";

pub(super) const GEN_ASYNCAPI: &str = "\
Examples:
  sio-types gen-asyncapi -o asyncapi.yaml
  sio-types gen-asyncapi --title Chat --app-version 1.2.0 --server wss://chat.example.com -o asyncapi.json
  sio-types gen-asyncapi --schema schema.json --format yaml

Each namespace is a channel, and each event is a message whose payload is the list of its arguments. An
acknowledgement is the reply of an operation. Operations are described from the server's point of view: it
receives the events that clients send.";

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

The command fails if a file is missing or out of date, or if a file next to the configured files was generated
but is no longer configured. Update the files with `sio-types gen-ts --config`.

Exit codes:
  0  all files are up to date
  1  at least one file is not up to date
  2  invalid arguments or configuration, or an unreadable file
  3  the crate does not build, or has no events";

pub(super) const DIFF: &str = "\
Examples:
  sio-types diff --against main                 the crate, compared with the branch `main`
  sio-types diff old.json                       the crate, compared with a schema document
  sio-types diff old.json new.json              two schema documents
  sio-types diff --against v1.2.0 --schema schema.json --format github

docs/compatibility.md lists the rules.

Exit codes:
  0  no change reaches the level of `--fail-on`
  1  at least one change reaches the level of `--fail-on`
  2  invalid arguments, ignore file, git revision or schema
  3  the crate does not build, or has no events";

pub(super) const GEN_SCHEMA: &str = "\
Examples:
  sio-types gen-schema -o schema.json
  sio-types gen-schema | jq '.namespaces[].path'
  sio-types gen-schema -p chat -p admin -o schema.json   merge two packages into one document";

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
  sio-types gen-docs --serve                    serve on http://127.0.0.1:4400, and update after every change

The page is a single, self-contained file. It can connect to a running server, send events to it, and show the
events that it receives.";

pub(super) const SCAN: &str = "\
Examples:
  sio-types scan page/src                       with the events of the package in this directory
  sio-types scan page/src --schema schema.json
  sio-types scan web/src mobile/src --deny-unused

The command reads TypeScript and JavaScript, except files that git ignores. It recognizes a socket by the
functions that create one (`connect`, `io` and `manager.socket`), by the types of the generated module, or by a
name that ends in `socket`.

Exit codes:
  0  no problems found
  1  at least one problem found
  2  invalid arguments or schema, or an unreadable file
  3  the crate does not build, or has no events";
