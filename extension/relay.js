// In a page of a site that the person has allowed: a way to the extension, where the manifest names no sites.
//
// Carries messages and judges none: what reaches the worker comes with the browser's own word on who sent it. The page
// hands over one end of a channel of its own for each request, so that nothing else in the page hears what is said.

(() => {
  const known = /** @type {{ tourokuRelay?: boolean }} */ (globalThis);
  // Registered for new pages, and brought into those that were open: perhaps twice into one.
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
      // The extension was updated or removed since; a page that is loaded again finds the new one.
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
