// Updates wait for whoever is working with a card, and are applied afterwards.
//
// Without this a browser applies an update when the worker stops, which never happens while a card window or the
// host's
// port keeps it alive.

/** How long after the last request, in milliseconds, so that its answer has reached the page. */
const QUIET = 1000;

let available = false;

/**
 * The browser has an update ready.
 * @param {() => Promise<boolean>} isBusy whether somebody is working with a card
 */
export function updateArrived(isBusy) {
  available = true;
  return applyUpdate(isBusy);
}

/** To be called whenever a request has ended. @param {() => Promise<boolean>} isBusy */
export async function applyUpdate(isBusy) {
  if (!available || (await isBusy())) {
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, QUIET));
  // Another request may have started meanwhile; its end calls this again.
  if (available && !(await isBusy())) {
    available = false;
    chrome.runtime.reload();
  }
}
