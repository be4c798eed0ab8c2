// The page on which a person allows the sites that this computer's card program knows, with the agencies' names;
// opens after installation, and by the extension's button.

import { errorText, missingSites, siteDesk, SITES, withdrawFrom } from "./texts.js";
import { HostPort } from "./host-port.js";
import { allowedPatterns, patternOf, rememberSites } from "./relays.js";

/** @import { CardError, KnownSite } from "./types" */

/** @type {KnownSite[]} */
let sites = [];

const port = new HostPort({
  onReady: () => void port.status(),
  onMessage(message) {
    if (message.type === "status") {
      sites = message.sites ?? [];
      port.close();
      void rememberSites(sites).then(draw);
    } else {
      port.end(message.type === "error" ? message.error : { code: "host_protocol" });
    }
  },
  onEnd: fail,
});

element("allow").addEventListener("click", () => {
  // At once: the browser accepts the request only in response to a click.
  chrome.permissions.request({ origins: sites.map(({ origin }) => patternOf(origin)) }).then(draw, (error) => {
    console.error(error);
    fail({ code: "internal", detail: String(error) });
  });
});
chrome.permissions.onAdded.addListener(() => void draw());
chrome.permissions.onRemoved.addListener(() => void draw());

async function draw() {
  const allowed = await allowedPatterns();
  const isAllowed = (/** @type {KnownSite} */ { origin }) => allowed.includes(patternOf(origin));
  const missing = sites.filter((site) => !isAllowed(site)).length;
  document.body.dataset["state"] = sites.length === 0 ? "none" : missing === 0 ? "allowed" : "missing";
  element("error").hidden = true;
  element("guidance").textContent =
    sites.length === 0 ? SITES.none : missing === 0 ? SITES.allowed : missingSites(missing);
  element("allow").hidden = element("note").hidden = missing === 0;
  element("sites").replaceChildren(...sites.map((site) => row(site, isAllowed(site))));
}

/** @param {KnownSite} site @param {boolean} isAllowed */
function row({ origin, agencies, help_desk: desk }, isAllowed) {
  const about = document.createElement("div");
  about.append(line("agencies", agencies.join("、")), line("origin", origin));
  if (desk) {
    about.append(line("desk", siteDesk(desk)));
  }
  const state = document.createElement("div");
  state.className = "state";
  state.append(line("", isAllowed ? SITES.isAllowed : SITES.isNotAllowed));
  if (isAllowed) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "secondary";
    button.textContent = SITES.withdraw;
    button.setAttribute("aria-label", withdrawFrom(agencies));
    button.addEventListener("click", () => void chrome.permissions.remove({ origins: [patternOf(origin)] }).then(draw));
    state.append(button);
  }
  const item = document.createElement("li");
  item.append(about, state);
  return item;
}

/** @param {string} name @param {string} text */
function line(name, text) {
  const paragraph = document.createElement("p");
  paragraph.className = name;
  paragraph.textContent = text;
  return paragraph;
}

/** @param {CardError} error */
function fail(error) {
  const { happened, next, detail } = errorText(error, { request: null, issuer: "", family: "" });
  document.body.dataset["state"] = "failed";
  element("guidance").textContent = "";
  element("error").hidden = false;
  for (const [name, text] of Object.entries({ happened, next, detail })) {
    element(`error-${name}`).textContent = text;
  }
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`no element ${id}`);
  }
  return found;
}
