// Counters, the preview while one types, and a question before unsaved words are left. Without it the page works, too:
// the server shows all of it after "Save".
const form = document.querySelector("[data-compose]");
const length = (text) => [...new Intl.Segmenter().segment(text)].length;

for (const starter of form.querySelectorAll(".starter")) {
  const field = starter.querySelector("textarea"), counter = starter.querySelector("[data-counter]");
  const show = () => {
    const used = field.value.trim() ? length(field.value.trim()) + Number(starter.dataset.link) : 0;
    counter.textContent = `${used.toLocaleString(document.documentElement.lang)} ${counter.dataset.of}`;
    counter.classList.toggle("over", used > Number(starter.dataset.max));
  };
  field.addEventListener("input", show);
  show();
}

// The first starter that is written for the channel, else for any; else what the server made of title and text.
for (const look of document.querySelectorAll("[data-look]")) {
  const made = [...look.childNodes];
  const names = ["question", "experience", "plain"];
  const fields = [...names.map((name) => `${name}@${look.dataset.look}`), ...names].map((name) => form.elements[name]);
  const before = fields.map((field) => field?.value).join("\n");
  form.addEventListener("input", () => {
    const written = fields.find((field) => field?.value.trim());
    if (fields.map((field) => field?.value).join("\n") === before || !written) look.replaceChildren(...made);
    else look.replaceChildren(written.value.trim());
  });
}

// For how many people it is, the server counts: what it said is old once somebody else is chosen.
const reach = document.querySelector("[data-stale]");
form.addEventListener("change", ({ target }) => {
  if (["units", "roles", "interests", "language"].includes(target.name)) reach.textContent = reach.dataset.stale;
});

let isChanged = false;
form.addEventListener("input", () => (isChanged = true));
form.addEventListener("submit", () => (isChanged = false));
addEventListener("beforeunload", (event) => isChanged && event.preventDefault());
document.querySelector(".summary")?.focus();
