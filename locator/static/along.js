// Has the worker take the page along, once the page itself is there. Where a browser does not allow it, nothing is lost.

const QUIET_MS = 2_000;

async function takeAlong() {
  try {
    const registration = await navigator.serviceWorker?.register("/sw.js");
    // A browser looks for a newer one by itself, but in its own time.
    if (registration?.active && navigator.onLine) await registration.update();
  } catch {
    // Storage is off, or the network is gone already.
  }
}

function whenIdle() {
  if (window.requestIdleCallback) requestIdleCallback(takeAlong, { timeout: QUIET_MS });
  else setTimeout(takeAlong, QUIET_MS);
}

if (document.readyState === "complete") whenIdle();
else window.addEventListener("load", whenIdle, { once: true });
