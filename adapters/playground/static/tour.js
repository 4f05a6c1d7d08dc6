// A short tour of the playground: approve, nudge, share, a reader, the results. Each step waits for what it asks for;
// the tour can be left at any time, and stays away then.
"use strict";

const tour = document.querySelector("[data-tour]");
const SEEN = "chorus-tour";
const steps = JSON.parse(tour.dataset.tour);
const TRIES = 8; // seconds until a post can have been read
let at = 0;
let shown = null; // what was scrolled to last

function paneOf(step) {
  return document.querySelector(`.pane[data-user="${step.user}"]`);
}

function tabOf(step) {
  const pane = paneOf(step);
  return pane && document.querySelector(`[data-tab="${pane.dataset.pane}"]`);
}

function mark() {
  for (const marked of document.querySelectorAll(".marked")) marked.classList.remove("marked");
  const step = steps[at];
  const all = step?.find ? [...(paneOf(step)?.querySelectorAll(step.find) ?? [])] : [];
  const found = all.findLast((one) => !step.having || one.closest("article")?.innerText.includes(step.having));
  found?.classList.add("marked");
  if (found && found !== shown) found.scrollIntoView({ block: "nearest" });
  shown = found;
  if (step && !paneOf(step)?.checkVisibility()) tabOf(step)?.classList.add("marked");
}

function draw(isMoved) {
  const step = steps[at];
  tour.hidden = !step;
  if (!step) return end();
  tour.querySelector("[data-number]").textContent = step.number;
  tour.querySelector("[data-said]").textContent = step.said;
  const following = tour.querySelector("[data-next]");
  if (at === steps.length - 1) following.textContent = following.dataset.last;
  const act = tour.querySelector("[data-act]");
  act.hidden = !step.label;
  act.textContent = step.label || "";
  const tab = tabOf(step);
  if (tab && isMoved) switchTo(tab);
  mark();
}

function next(isMoved = true) {
  at += 1;
  draw(isMoved);
}

function end() {
  tour.hidden = true;
  at = steps.length;
  mark();
  localStorage.setItem(SEEN, "yes");
}

tour.querySelector("[data-skip]").addEventListener("click", end);
tour.querySelector("[data-next]").addEventListener("click", () => next());
tour.querySelector("[data-act]").addEventListener("click", async () => {
  const step = steps[at];
  if (step.say) {
    await act(paneOf(step), { kind: "say", text: step.say });
    return next();
  }
  let answer = await post(paneOf(step), { kind: "read" });
  for (let tried = 1; !answer.ok && tried < TRIES; tried += 1) {
    await new Promise((done) => setTimeout(done, 1000));
    answer = await post(paneOf(step), { kind: "read" });
  }
  answer.ok ? next() : tell(step.wrong);
});

// What was pressed moves the tour on, wherever it was pressed; whose tab is open stays the person's own choice then.
document.addEventListener("click", ({ target }) => {
  const pressed = target.closest?.("[data-action]")?.dataset.action;
  if (pressed && steps[at]?.until?.includes(pressed)) setTimeout(() => next(false), 300);
  if (target.closest?.("[data-tab]")) setTimeout(mark); // the tab is switched by then
});

new MutationObserver(mark).observe(document.querySelector("main"), { childList: true, subtree: true });
if (!localStorage.getItem(SEEN)) draw(true);
