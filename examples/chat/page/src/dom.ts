/** An element of index.html. */
export function byId<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  id: string,
): HTMLElementTagNameMap[K] {
  const found = document.querySelector<HTMLElementTagNameMap[K]>(
    `${tag}#${id}`,
  );
  if (!found) {
    throw new Error(`index.html has no <${tag} id="${id}">`);
  }
  return found;
}

/** A new element; text is put in as text, never as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Fills a list anew; the focus stays where it is, by `data-key`. */
export function fill(list: HTMLElement, items: Node[]): void {
  const focused = document.activeElement;
  const key = list.contains(focused)
    ? focused?.getAttribute("data-key")
    : undefined;
  list.replaceChildren(...items);
  if (key) {
    list.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}

/** Shows a text, or hides its place. */
export function show(place: HTMLElement, text: string | undefined): void {
  place.textContent = text ?? "";
  place.hidden = text === undefined;
}

const problem = byId("p", "problem");

/** Does what a user has asked for; that it failed is shown. */
export async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    show(problem, undefined);
    await action();
  } catch (error) {
    show(problem, error instanceof Error ? error.message : String(error));
  }
}

/** Does something when a form is sent. */
export function onSubmit(
  form: HTMLFormElement,
  action: () => Promise<void>,
): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(action);
  });
}

/** Does something when a button is pressed. */
export function onClick(
  button: HTMLButtonElement,
  action: () => Promise<void>,
): void {
  button.addEventListener("click", () => void attempt(action));
}
