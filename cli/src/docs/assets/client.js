// A connection to one namespace over WebSocket. The page is a single file and cannot load a library, so this implements
// the part of https://socket.io/docs/v4/socket-io-protocol/ that it needs. Other scripts of the page represent binary
// data as `{"$binary": "<base64>"}`.
(() => {
  "use strict";
  const toBytes = (text) =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)));

  /** Replaces values at any depth. `replace` returns `undefined` for values that stay unchanged. */
  function mapped(value, replace) {
    const replaced = replace(value);
    if (replaced !== undefined) return replaced;
    if (Array.isArray(value)) return value.map((item) => mapped(item, replace));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          mapped(item, replace),
        ]),
      );
    }
    return value;
  }

  class Connection {
    #socket;
    #namespace;
    #answers = new Map();
    #next = 0;
    #waiting = null;
    #hear;

    /** Calls `hear(what, value)` with `connected`, `refused`, `event`, `failed` or `closed`. */
    constructor(server, namespace, auth, hear) {
      this.#namespace = namespace;
      this.#hear = hear;
      const url = new URL(server);
      url.protocol = url.protocol.replace("http", "ws");
      if (url.pathname === "/") url.pathname = "/socket.io/";
      url.search = "EIO=4&transport=websocket";
      this.#socket = new WebSocket(url);
      this.#socket.binaryType = "arraybuffer";
      this.#socket.addEventListener("message", ({ data }) =>
        this.#receive(data, auth),
      );
      this.#socket.addEventListener("error", () =>
        hear("failed", `cannot reach ${url.host}`),
      );
      this.#socket.addEventListener("close", () => hear("closed"));
    }

    close() {
      this.#socket.close();
    }

    /** Sends an event. With `answered`, requests an acknowledgement and calls `answered` with it. */
    emit(name, values, answered) {
      const attachments = [];
      const packet = mapped([name, ...values], (value) => {
        if (typeof value?.$binary !== "string") return undefined;
        attachments.push(toBytes(value.$binary));
        return { _placeholder: true, num: attachments.length - 1 };
      });
      const id = answered ? String(this.#next++) : "";
      if (answered) this.#answers.set(id, answered);
      const type = attachments.length > 0 ? `5${attachments.length}-` : "2";
      this.#socket.send(
        `4${type}${this.#prefix()}${id}${JSON.stringify(packet)}`,
      );
      for (const attachment of attachments) this.#socket.send(attachment);
    }

    #prefix() {
      return this.#namespace === "/" ? "" : `${this.#namespace},`;
    }

    #receive(data, auth) {
      if (typeof data !== "string") return this.#attach(data);
      if (data[0] === "0")
        this.#socket.send(`40${this.#prefix()}${JSON.stringify(auth ?? {})}`);
      else if (data[0] === "2") this.#socket.send(`3${data.slice(1)}`);
      else if (data[0] === "4") this.#packet(data.slice(1));
    }

    #packet(text) {
      const [, type, count, id, body] =
        /^(\d)(?:(\d+)-)?(?:\/[^,]*,)?(\d*)(.*)$/s.exec(text);
      const packet = {
        type,
        id,
        value: body ? JSON.parse(body) : undefined,
        count: Number(count ?? 0),
        parts: [],
      };
      if (packet.count > 0) this.#waiting = packet;
      else this.#handle(packet);
    }

    #attach(data) {
      const packet = this.#waiting;
      packet.parts.push(data);
      if (packet.parts.length < packet.count) return;
      this.#waiting = null;
      packet.value = mapped(packet.value, (value) =>
        value?._placeholder === true
          ? { $binary: toText(packet.parts[value.num]) }
          : undefined,
      );
      this.#handle(packet);
    }

    #handle({ type, id, value }) {
      switch (type) {
        case "0":
          return this.#hear("connected", value);
        case "1":
          return this.#hear("closed");
        case "4":
          return this.#hear("refused", value);
        case "2":
        case "5": {
          const [name, ...values] = value;
          const answer = (...answers) =>
            this.#socket.send(
              `43${this.#prefix()}${id}${JSON.stringify(answers)}`,
            );
          return this.#hear("event", {
            name,
            values,
            answer: id === "" ? undefined : answer,
          });
        }
        case "3":
        case "6":
          this.#answers.get(id)?.(value);
          this.#answers.delete(id);
      }
    }
  }
  window.Connection = Connection;
})();
