// Updates wait for whoever is at work with a card, and are applied then.
//
// Without this a browser applies an update when the worker stops, which under way it never does: the card
// window keeps it up, and so does the host's port.

/** How long after the last request, in milliseconds, so that its answer has reached the page. */
const QUIET = 1000;

let available = false;

/**
 * The browser has an update ready.
 * @param {() => Promise<boolean>} isBusy whether somebody is at work
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
  // Somebody else may have come meanwhile; the end of that request calls again.
  if (available && !(await isBusy())) {
    available = false;
    chrome.runtime.reload();
  }
}
