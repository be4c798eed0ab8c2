// The administrator's settings, and the package's own.

/** @import { Deployment, Managed } from "./types" */

/** How long an administrator's settings may take to arrive, in milliseconds: 2 to 4 s have been observed. */
const ARRIVED_WITHIN = 5000;

/** Records in local storage that an administrator's settings existed. */
const SEEN = "managed_seen";

/**
 * The administrator's settings; empty when there are none, `null` when expected ones do not arrive.
 *
 * An empty answer does not yet mean "not managed": after a forced installation the settings arrive seconds later.
 * So where they are expected (installed by policy, or seen before), this waits for them.
 * @returns {Promise<Managed | null>}
 */
export async function managedSettings() {
  const now = await stored();
  if (!isEmpty(now)) {
    await chrome.storage.local.set({ [SEEN]: true });
    return now;
  }
  const seen = (await chrome.storage.local.get(SEEN))[SEEN] === true;
  const { installType } = await chrome.management.getSelf();
  if (!seen && installType !== "admin") {
    return now;
  }
  const later = await storedAfter(ARRIVED_WITHIN);
  return isEmpty(later) && seen ? null : later;
}

/**
 * To be called at every change of the settings. The browser also reports changes made while it was closed, so an
 * administrator who withdraws all settings takes effect.
 */
export async function rememberSettings() {
  await chrome.storage.local.set({ [SEEN]: !isEmpty(await stored()) });
}

/**
 * Whether an administrator manages this extension: installed it by policy, or configured it.
 * @param {Managed} settings
 */
export async function isManaged(settings) {
  return !isEmpty(settings) || (await chrome.management.getSelf()).installType === "admin";
}

/** The package's own settings. @returns {Promise<Deployment>} */
export async function deployment() {
  return (await fetch(chrome.runtime.getURL("deployment.json"))).json();
}

/** @returns {Promise<Managed>} */
async function stored() {
  return /** @type {Managed} */ (await chrome.storage.managed.get());
}

/**
 * The settings at their next change, or after that time. @param {number} milliseconds @returns {Promise<Managed>}
 */
function storedAfter(milliseconds) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      chrome.storage.managed.onChanged.removeListener(end);
      stored().then(resolve, reject);
    };
    const timer = setTimeout(end, milliseconds);
    chrome.storage.managed.onChanged.addListener(end);
  });
}

/** @param {Managed} settings */
function isEmpty(settings) {
  return Object.keys(settings).length === 0;
}
