// The console: forms that are built from the schema, and a log of sent and received events.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const schema = JSON.parse(one("#schema").textContent);

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  // A field has an element and reads its value. The value is `undefined` if the field has none.

  function resolved(given) {
    const reference =
      typeof given?.$ref === "string" && Object.keys(given).length === 1;
    if (!reference) return given;
    const [, , direction, name] = given.$ref.split("/");
    return resolved(
      schema.definitions[direction][
        decodeURIComponent(name).replace("~1", "/").replace("~0", "~")
      ],
    );
  }

  function field(label, given) {
    const form = resolved(given);
    if (typeof form !== "object" || form === null) return json(label);
    if ("x-sio-binary" in form && !Array.isArray(form.type)) return file(label);
    if ("const" in form) return constant(label, form.const);
    if (Array.isArray(form.enum)) return choice(label, form.enum);
    const alternatives = form.oneOf ?? form.anyOf;
    if (alternatives && form.properties) {
      return merged(label, [
        {
          type: "object",
          properties: form.properties,
          required: form.required,
        },
        { oneOf: alternatives },
      ]);
    }
    if (alternatives) {
      const constants = alternatives.map(resolved);
      if (constants.every((it) => "const" in it))
        return choice(
          label,
          constants.map((it) => it.const),
        );
      return alternative(label, alternatives);
    }
    if (form.$ref) {
      const { $ref, ...own } = form;
      return own.properties
        ? merged(label, [own, { $ref }])
        : field(label, { $ref });
    }
    if (form.allOf) return merged(label, form.allOf);
    if (Array.isArray(form.type)) {
      const types = form.type.map((type) => ({ ...form, type }));
      return types.length === 1
        ? field(label, types[0])
        : alternative(label, types);
    }
    return typed(label, form);
  }

  function typed(label, form) {
    switch (form.type) {
      case "null":
        return constant(label, null);
      case "boolean":
        return checkbox(label);
      case "integer":
      case "number":
        return number(label, form);
      case "string":
        return text(label, form);
      case "array":
        return form.prefixItems
          ? tuple(label, form.prefixItems)
          : list(label, form);
      case "object":
        return form.additionalProperties && !form.properties
          ? json(label, "{}")
          : object(label, form);
      default:
        return form.properties ? object(label, form) : json(label);
    }
  }

  const labelled = (label, input) => element("label", {}, label, " ", input);

  function constant(label, value) {
    return {
      element: element(
        "div",
        { className: "field" },
        `${label}: ${JSON.stringify(value)}`,
      ),
      read: () => value,
    };
  }

  function checkbox(label) {
    const input = element("input", { type: "checkbox" });
    return {
      element: element("label", {}, input, " ", label),
      read: () => input.checked,
    };
  }

  function number(label, { type, minimum, maximum }) {
    const input = element("input", {
      type: "number",
      step: type === "integer" ? "1" : "any",
      required: true,
    });
    if (minimum !== undefined) input.min = minimum;
    if (maximum !== undefined) input.max = maximum;
    return { element: labelled(label, input), read: () => input.valueAsNumber };
  }

  function text(label, { format, minLength, maxLength }) {
    const input = element("input", { type: "text", placeholder: format ?? "" });
    if (minLength !== undefined)
      Object.assign(input, { minLength, required: minLength > 0 });
    if (maxLength !== undefined) input.maxLength = maxLength;
    return { element: labelled(label, input), read: () => input.value };
  }

  function choice(label, values) {
    const options = values.map((value, index) =>
      element("option", { value: index }, String(value)),
    );
    const input = element("select", {}, ...options);
    return { element: labelled(label, input), read: () => values[input.value] };
  }

  function file(label) {
    const input = element("input", { type: "file" });
    let read = "";
    input.addEventListener("change", async () => {
      const bytes = new Uint8Array((await input.files[0]?.arrayBuffer()) ?? 0);
      read = btoa(
        Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
      );
    });
    return { element: labelled(label, input), read: () => ({ $binary: read }) };
  }

  function json(label, value = "null") {
    const input = element("textarea", { value, spellcheck: false });
    const check = () => {
      try {
        JSON.parse(input.value);
        input.setCustomValidity("");
      } catch (error) {
        input.setCustomValidity(error.message);
      }
    };
    input.addEventListener("input", check);
    return {
      element: labelled(`${label} (JSON)`, input),
      read: () => JSON.parse(input.value),
    };
  }

  function group(label, ...children) {
    return element("fieldset", {}, element("legend", {}, label), ...children);
  }

  function merged(label, parts) {
    const fields = parts.map((part) => field("", part));
    return {
      element: group(label, ...fields.map((it) => it.element)),
      read: () => Object.assign({}, ...fields.map((it) => it.read())),
    };
  }

  function object(label, { properties = {}, required = [] }) {
    const fields = Object.entries(properties).map(([name, form]) => [
      name,
      required.includes(name) ? field(name, form) : optional(name, form),
    ]);
    return {
      element: group(label, ...fields.map(([, it]) => it.element)),
      read: () => {
        const values = fields.map(([name, it]) => [name, it.read()]);
        return Object.fromEntries(
          values.filter(([, value]) => value !== undefined),
        );
      },
    };
  }

  /** Returns a field that is created when its box is checked, so that a recursive type is not expanded without end. */
  function optional(name, form) {
    const box = element("input", { type: "checkbox" });
    const place = element("div");
    let inner;
    box.addEventListener("change", () => {
      inner = box.checked ? field(name, form) : undefined;
      place.replaceChildren(...(inner ? [inner.element] : []));
    });
    const label = element("label", {}, box, ` include ${name}`);
    return {
      element: element("div", {}, label, place),
      read: () => inner?.read(),
    };
  }

  function alternative(label, forms) {
    const names = forms.map((form, index) =>
      element("option", { value: index }, title(form)),
    );
    const input = element("select", {}, ...names);
    const place = element("div");
    let inner;
    const show = () => {
      inner = field(label, forms[input.value]);
      place.replaceChildren(inner.element);
    };
    input.addEventListener("change", show);
    show();
    return {
      element: element("div", {}, labelled(label, input), place),
      read: () => inner.read(),
    };
  }

  /** Returns a name for an alternative: its tag, its only field, or its type. */
  function title(given) {
    const form = resolved(given);
    if ("const" in form) return String(form.const);
    for (const property of Object.values(form.properties ?? {})) {
      if (typeof property.const === "string") return property.const;
    }
    if (form.required?.length === 1) return form.required[0];
    return given.$ref?.split("/").at(-1) ?? String(form.type ?? "other");
  }

  function tuple(label, forms) {
    const fields = forms.map((form, index) => field(String(index + 1), form));
    return {
      element: group(label, ...fields.map((it) => it.element)),
      read: () => fields.map((it) => it.read()),
    };
  }

  function list(label, { items = {}, minItems = 0, maxItems = Infinity }) {
    const fields = [];
    const place = element("div");
    const more = element("button", { type: "button", textContent: "Add" });
    const less = element("button", { type: "button", textContent: "Remove" });
    const show = () => {
      place.replaceChildren(...fields.map((it) => it.element));
      more.disabled = fields.length >= maxItems;
      less.disabled = fields.length <= minItems;
    };
    const add = () => fields.push(field(String(fields.length + 1), items));
    more.addEventListener("click", () => {
      add();
      show();
    });
    less.addEventListener("click", () => {
      fields.pop();
      show();
    });
    while (fields.length < minItems) add();
    show();
    return {
      element: group(label, place, more, " ", less),
      read: () => fields.map((it) => it.read()),
    };
  }

  // The connection, and the event that is shown.

  const dialog = one("#console");
  const log = one("#log");
  let connection;
  let target;
  let auth;
  let parameters;
  let values;

  function say(what, value) {
    const item = element(
      "li",
      {},
      element("pre", {}, JSON.stringify(value, null, 2) ?? ""),
    );
    item.dataset.what = what;
    log.prepend(item);
  }

  function state(name, words = name) {
    const output = one("#state");
    output.textContent = words;
    output.dataset.state = name;
    one("#message").hidden =
      name !== "connected" || target.role !== "clientToServer";
  }

  /** Shows the form of an event. The open connection is kept if it belongs to the same namespace. */
  function show({ namespace: path, role, event: name }) {
    const namespace = schema.namespaces.find((it) => it.path === path);
    const event = namespace[role].events.find((it) => it.name === name);
    const stays = connection !== undefined && target.namespace === namespace;
    target = { namespace, role, event };
    dialog.show();
    if (!stays) prepare();
    if (role !== "clientToServer")
      return one("#message").toggleAttribute("hidden", true);
    values = event.arguments.map((argument) =>
      argument.optional
        ? optional(argument.name, argument.accepted)
        : field(argument.name, argument.accepted),
    );
    one("#name").textContent = name;
    one("#arguments").replaceChildren(...values.map((it) => it.element));
    one("#message").hidden = !stays;
  }

  function prepare() {
    connection?.close();
    connection = undefined;
    log.replaceChildren();
    state("not connected");
    const { namespace } = target;
    auth = namespace.auth && field("auth", namespace.auth.accepted);
    one("#auth").replaceChildren(...(auth ? [auth.element] : []));
    parameters = (namespace.parameters ?? []).map(({ name }) => [
      name,
      text(name, { minLength: 1 }),
    ]);
    one("#parameters").replaceChildren(
      ...parameters.map(([, it]) => it.element),
    );
  }

  function connect() {
    connection?.close();
    const path = parameters.reduce(
      (path, [name, it]) =>
        path.replace(`{${name}}`, encodeURIComponent(it.read())),
      target.namespace.path,
    );
    state("connecting");
    const opened = new Connection(
      one("#server").value,
      path,
      auth?.read(),
      (what, value) => {
        if (connection !== opened) return;
        if (what === "connected") state("connected", `connected to ${path}`);
        else if (what === "refused")
          state("failed", `rejected: ${value.message}`);
        else if (what === "failed") state("failed", value);
        else if (what === "event") arrived(value);
        else if (one("#state").dataset.state !== "failed") state("closed");
      },
    );
    connection = opened;
  }

  function answerSchema(acknowledgement) {
    if (acknowledgement?.kind === "value") return acknowledgement.data.accepted;
    if (acknowledgement?.kind !== "fallible") return undefined;
    const { data, error } = acknowledgement;
    const of = (status, name, given) => ({
      type: "object",
      properties: { status: { const: status }, [name]: given },
      required: ["status", name],
    });
    return {
      oneOf: [
        of("ok", "data", data.accepted),
        of("error", "error", error.accepted),
      ],
    };
  }

  /** Shows a received event, with a form for the acknowledgement if the server requests one. */
  function arrived({ name, values, answer }) {
    say("received", [name, ...values]);
    if (!answer) return;
    const event = target.namespace.serverToClient.events.find(
      (it) => it.name === name,
    );
    const expected = answerSchema(event?.acknowledgement);
    const reply =
      expected === undefined ? undefined : field("acknowledgement", expected);
    const form = element(
      "form",
      {},
      ...(reply ? [reply.element] : []),
      element("button", { textContent: "Acknowledge" }),
    );
    form.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      answer(...(reply ? [reply.read()] : []));
      form.remove();
    });
    log.firstElementChild.append(form);
  }

  function send() {
    const { event } = target;
    const read = values.map((it) => it.read());
    while (read.length > 0 && read.at(-1) === undefined) read.pop();
    const packet = read.map((value) => value ?? null);
    const answered =
      event.acknowledgement &&
      ((answer) => say(`acknowledgement of ${event.name}`, answer[0] ?? null));
    say("sent", [event.name, ...packet]);
    connection.emit(event.name, packet, answered);
  }

  document.addEventListener("click", ({ target: clicked }) => {
    if (clicked.matches(".try")) show(clicked.dataset);
  });
  one("#close").addEventListener("click", () => {
    connection?.close();
    connection = undefined;
    dialog.close();
  });
  one("#connection").addEventListener("submit", (event) => {
    event.preventDefault();
    connect();
  });
  one("#message").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
})();
