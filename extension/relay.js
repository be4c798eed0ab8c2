// Runs in pages of sites that the person has allowed: a way to the extension where the manifest names no sites.
//
// Carries messages without judging them: the worker gets the sender from the browser. The page hands over one end
// of a
// new channel for each request, so that nothing else in the page can listen.

(() => {
  const known = /** @type {{ tourokuRelay?: boolean }} */ (globalThis);
  // Registered for new pages, and injected into those already open: perhaps twice into one.
  if (known.tourokuRelay) {
    return;
  }
  known.tourokuRelay = true;

  addEventListener("message", (event) => {
    const [page] = event.ports;
    if (event.source !== window || event.origin !== location.origin || event.data !== "touroku:connect" || !page) {
      return;
    }
    event.stopImmediatePropagation();
    /** @type {chrome.runtime.Port} */
    let port;
    try {
      port = chrome.runtime.connect({ name: "page" });
    } catch {
      // The extension has been updated or removed since; a reloaded page finds the new one.
      page.postMessage({ closed: true });
      return;
    }
    port.onMessage.addListener((message) => page.postMessage({ message }));
    port.onDisconnect.addListener(() => {
      page.postMessage({ closed: true });
      page.close();
    });
    page.onmessage = ({ data }) => {
      if (data?.close === true) {
        port.disconnect();
        page.close();
      } else {
        port.postMessage(data?.message);
      }
    };
    page.postMessage({ open: chrome.runtime.id });
  });
})();
