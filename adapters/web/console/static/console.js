// What a script makes easier; without it every page can be read and every act done.
const language = document.documentElement.lang;

// A form whose words are not sent yet: leaving asks.
for (const form of document.querySelectorAll("form[data-asks]")) {
  let isChanged = Boolean(document.querySelector(".summary"));
  form.addEventListener("input", () => (isChanged = true));
  form.addEventListener("submit", () => (isChanged = false));
  addEventListener("beforeunload", (event) => isChanged && event.preventDefault());
}

// What is wrong, and what was done, is read first.
document.querySelector(".summary")?.focus();

// A form is sent once, however often its button is clicked.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.isSent) event.preventDefault();
    form.dataset.isSent = "yes";
    setTimeout(() => delete form.dataset.isSent, 5000);
  });
}

// Filters are folded where there is little room, unless they narrow something.
for (const fold of document.querySelectorAll('[data-fold=""]')) fold.open = matchMedia("(min-width: 52rem)").matches;

// Filters narrow at once.
for (const form of document.querySelectorAll("form[data-filters]")) {
  form.addEventListener("change", (event) => event.target.tagName === "SELECT" && form.requestSubmit());
}

// How many are ticked, and all or none at a click.
for (const form of document.querySelectorAll(".with-bulk")) {
  const boxes = [...form.querySelectorAll('[name="chosen"]')];
  const said = form.querySelector("[data-chosen]");
  const before = said.textContent;
  const show = () => {
    const number = boxes.filter((box) => box.checked).length;
    said.textContent = number ? said.dataset.chosen.replace("{count}", number.toLocaleString(language)) : before;
  };
  form.querySelector("[data-all]").hidden = false;
  for (const button of form.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = button.dataset.pick === "all";
      show();
    });
  }
  form.addEventListener("change", show);
  show();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
