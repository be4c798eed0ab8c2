// The administrator's settings, and the package's own.

/** @import { Deployment, Managed } from "./types" */

/** How long settings of an administrator may take to arrive, in milliseconds: 2 to 4 s were seen. */
const ARRIVED_WITHIN = 5000;

/** Marks in local storage that an administrator's settings were there. */
const SEEN = "managed_seen";

/**
 * The administrator's settings; empty when there are none, `null` when there must be some that do not arrive.
 *
 * An empty answer is not yet "not managed": after a forced installation the settings arrive seconds later.
 * So where they are to be expected (installed by policy, or seen before), their arrival is waited for.
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
 * To be called at every change of the settings. The browser tells of changes also when it was closed
 * meanwhile, so that an administrator who withdraws all settings is heard.
 */
export async function rememberSettings() {
  await chrome.storage.local.set({ [SEEN]: !isEmpty(await stored()) });
}

/**
 * Whether an administrator looks after this extension: installed it by policy, or set its settings.
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

/** The settings at their next change, or after that time. @param {number} milliseconds @returns {Promise<Managed>} */
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
