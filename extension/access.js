// Who may ask: the manifest's list, which the browser enforces, narrowed by what an administrator allows.

/** @import { Deployment, Desk, Managed } from "./types" */

/** How long settings of an administrator may take to arrive, in milliseconds: 2 to 4 s were seen. */
const SETTINGS_WITHIN = 5000;

/** Marks in local storage that settings were there once. */
const SEEN = "managed_seen";

/**
 * The administrator's settings; empty when there are none.
 *
 * An empty answer is not yet "not managed": after a forced installation the settings arrive seconds later.
 * So where they are to be expected (installed by policy, or seen before), their arrival is waited for.
 * @returns {Promise<Managed>}
 */
export async function managedSettings() {
  const now = /** @type {Managed} */ (await chrome.storage.managed.get());
  if (Object.keys(now).length > 0) {
    await chrome.storage.local.set({ [SEEN]: true });
    return now;
  }
  const { installType } = await chrome.management.getSelf();
  const seen = (await chrome.storage.local.get(SEEN))[SEEN] === true;
  if (installType !== "admin" && !seen) {
    return {};
  }
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, SETTINGS_WITHIN);
    chrome.storage.managed.onChanged.addListener(() => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
  return /** @type {Promise<Managed>} */ (chrome.storage.managed.get());
}

/**
 * Whether an origin that the browser let through may ask.
 * @param {string} origin
 * @param {Managed} managed
 */
export function isAllowed(origin, managed) {
  return managed.allowed_origins === undefined || managed.allowed_origins.includes(origin);
}

/**
 * The agencies behind an origin, by the administrator's word or the package's; empty when neither knows.
 * @param {string} origin
 * @param {Managed} managed
 * @param {Deployment} deployment
 */
export function agenciesOf(origin, managed, deployment) {
  const named = (managed.agencies ?? []).filter((agency) => agency.origin === origin).map((agency) => agency.name);
  return named.length > 0 ? named : (deployment.origins.find((entry) => entry.origin === origin)?.agencies ?? []);
}

/**
 * Whom to call about this computer.
 * @param {Managed} managed
 * @param {Deployment} deployment
 * @returns {Desk}
 */
export function helpDesk(managed, deployment) {
  return { ...deployment.help_desk, ...managed.help_desk };
}
