// Search, the menu on small screens, the color theme, copying, and reloading a live page after a change.
(() => {
  "use strict";
  const all = (selector, root = document) => [
    ...root.querySelectorAll(selector),
  ];
  const one = (selector) => document.querySelector(selector);

  const search = one("#search");
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const entry of all(".entry")) {
      entry.hidden = !words.every((word) =>
        entry.dataset.search.includes(word),
      );
    }
    const emptied = (root) =>
      words.length > 0 && !all(".entry", root).some((entry) => !entry.hidden);
    for (const part of all(".set, main > article")) part.hidden = emptied(part);
    for (const item of all("nav li")) {
      const id = item.firstElementChild.getAttribute("href").slice(1);
      item.hidden = document.getElementById(id)?.hidden ?? false;
    }
    one("#nothing").hidden = !emptied(document);
  }
  search.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches?.("input, textarea, select");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
    }
  });

  const menu = one("#menu");
  const navigation = one("#navigation");
  const open = (is) => {
    navigation.classList.toggle("open", is);
    menu.setAttribute("aria-expanded", String(is));
  };
  menu.addEventListener("click", () =>
    open(!navigation.classList.contains("open")),
  );
  navigation.addEventListener("click", (event) => {
    if (event.target.closest("a")) open(false);
  });

  // Access to the storage may fail for a page that was opened from a file.
  const stored = {
    get: (key) => {
      try {
        return localStorage.getItem(key);
      } catch {
        return null;
      }
    },
    set: (key, value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        // Without storage, the setting is lost when the page is closed.
      }
    },
  };
  const root = document.documentElement;
  const theme = stored.get("sio-types-theme");
  if (theme) root.dataset.theme = theme;
  one("#theme").addEventListener("click", () => {
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    stored.set("sio-types-theme", root.dataset.theme);
  });

  async function copy(button) {
    const text = button.parentElement.querySelector("code").textContent;
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(
        button.parentElement.querySelector("code"),
      );
      said = "Selected";
    }
    button.textContent = said;
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
  document.addEventListener("click", (event) => {
    if (event.target.matches(".copy")) copy(event.target);
  });

  if ("live" in root.dataset) {
    const place = stored.get("sio-types-place");
    if (place) scrollTo(0, Number(place));
    stored.set("sio-types-place", "");
    new EventSource("/changes").addEventListener("message", ({ data }) => {
      if (data === root.dataset.live) return;
      stored.set("sio-types-place", String(scrollY));
      location.reload();
    });
  }
})();
