// The share page: copies the text, opens the network, hands the text to other apps of the phone.
"use strict";

const { opener, copied, notCopied } = document.body.dataset;
const text = document.getElementById("text").textContent;
const said = document.querySelector("[data-said]");

function copy() {
  if (!navigator.clipboard) {
    said.textContent = notCopied;
    return;
  }
  navigator.clipboard.writeText(text).then(
    () => (said.textContent = copied),
    () => (said.textContent = notCopied),
  );
}

// On a tap: the copy is begun and not waited for, else the browser would no longer take the opening for the tap's own.
document.querySelector("[data-open]")?.addEventListener("click", () => {
  copy();
  navigator.sendBeacon(`/o/${opener}/opened`);
});

const copyButton = document.querySelector("[data-copy]");
if (copyButton) {
  copyButton.hidden = false;
  copyButton.addEventListener("click", copy);
}

const shareButton = document.querySelector("[data-share]");
if (shareButton && navigator.share) {
  shareButton.hidden = false;
  shareButton.addEventListener("click", () => {
    navigator.sendBeacon(`/o/${opener}/opened`);
    navigator.share({ text }).catch(() => {}); // closed by the person: nothing happened
  });
}
