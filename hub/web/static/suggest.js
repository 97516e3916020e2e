// Suggests while one types: a combobox with a list (WAI-ARIA Authoring Practices). Without this file the box is a plain one.
const box = document.getElementById("q"), list = document.getElementById("suggestions");
const language = document.documentElement.lang, PAUSE = 120, LEAST = 2;
let timer, asked, active = -1;

const options = () => [...list.children];

function close() {
  clearTimeout(timer);
  asked?.abort();
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  choose(-1);
}

function choose(index) {
  active = index;
  options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  const chosen = options()[index];
  if (chosen) {
    box.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function span(className, text, tongue) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  if (tongue) made.lang = tongue;
  return made;
}

function option(suggestion, at) {
  const made = document.createElement("li");
  made.id = `suggestion-${at}`;
  made.setAttribute("role", "option");
  made.append(span("name", suggestion.text, suggestion.language));
  if (suggestion.also) made.append(" ", span("also", suggestion.also.text, suggestion.also.language));
  made.append(" ", span("from", list.dataset[suggestion.kind]));
  made.addEventListener("mousedown", event => event.preventDefault()); // the focus stays in the box
  made.addEventListener("click", () => take(suggestion));
  made.take = () => take(suggestion);
  return made;
}

function take({ text, parameter, value }) {
  close();
  if (parameter) {
    location.assign(`/${language}/?${new URLSearchParams({ [parameter]: value })}`);
    return;
  }
  box.value = text;
  box.form.requestSubmit();
}

function show(suggestions) {
  list.replaceChildren(...suggestions.map(option));
  choose(-1);
  list.hidden = !suggestions.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const question = new URLSearchParams({ q: box.value, lang: language });
  try {
    const answer = await fetch(`/api/suggest?${question}`, { signal: asked.signal });
    if (answer.ok) show((await answer.json()).suggestions);
  } catch { } // another letter was typed, or the hub does not answer: the box stays as it is
}

function move(event) {
  const last = options().length - 1;
  if (event.isComposing || list.hidden) return;
  if (event.key === "ArrowDown") choose(active < last ? active + 1 : -1);
  else if (event.key === "ArrowUp") choose(active < 0 ? last : active - 1);
  else if (event.key === "Enter" && active >= 0) options()[active].take();
  else if (event.key === "Escape") close();
  else {
    if (event.key === "Tab" || event.key === "Enter") close();
    return;
  }
  event.preventDefault();
}

if (box && list) {
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  Object.entries(roles).forEach(([name, value]) => box.setAttribute(name, value));
  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (box.value.trim().length < LEAST) close();
    else timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", move);
  box.addEventListener("blur", close);
}
