// Copying the address and sharing the page, where the browser can.

const said = document.querySelector("[data-said]");

const copies = document.querySelector("[data-copy]");
if (copies && navigator.clipboard) {
  copies.hidden = false;
  copies.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copies.dataset.copy);
      said.textContent = copies.dataset.done;
    } catch {
      copies.hidden = true; // the browser does not let us: the address stands below, to be marked by hand
    }
  });
}

const shares = document.querySelector("[data-share]");
if (shares && navigator.share) {
  shares.hidden = false;
  shares.addEventListener("click", () => {
    navigator.share({ title: shares.dataset.share, url: location.href }).catch(() => {});
  });
}
