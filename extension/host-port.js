// The native host: the only user of connectNative.

import { HOST_NAME, OLDEST_PROTOCOL, PROTOCOL } from "./limits.js";
import { readHostMessage } from "./messages.js";

/** @import { Browser, CardError, HostCommand, HostMessage, LogLevel, Part } from "./types" */

/**
 * How long the host may be silent when an answer is due, in milliseconds. Virus scanners delay a first start.
 */
const SILENCE_WITHIN = 5000;

/** How long a check-up may take, in milliseconds; the host itself ends it after 25 seconds. */
const CHECKED_UP_WITHIN = 30_000;

/**
 * What a browser says when it cannot talk to the host, and which state that is
 * (Chromium native_message_host.cc; the texts are not translated). The text itself is kept for the help desk.
 * @param {string | undefined} text
 * @returns {CardError}
 */
export function errorOfBrowser(text) {
  if (!text) {
    return { code: "host_exited" };
  }
  /** @type {[string, string][]} */
  const known = [
    ["host not found", "host_missing"],
    ["host is forbidden", "host_forbidden"],
    ["disabled by the system administrator", "host_blocked"],
    ["host has exited", "host_exited"],
    ["Failed to start native messaging host", "host_exited"],
    ["Error when communicating with the native messaging host", "host_protocol"],
  ];
  const code = known.find(([part]) => text.includes(part))?.[1] ?? "host_unreachable";
  return { code, detail: text };
}

/**
 * Whether the host's protocol and ours are compatible (proto/src/card/version.rs).
 * @param {Part} host
 * @param {{ protocol: number, oldest_protocol: number }} ours
 * @returns {CardError | null}
 */
export function errorOfVersion(host, ours = { protocol: PROTOCOL, oldest_protocol: OLDEST_PROTOCOL }) {
  if (host.protocol < ours.oldest_protocol) {
    return { code: "host_too_old", detail: host.version };
  }
  if (host.oldest_protocol > ours.protocol) {
    return { code: "host_too_new", detail: host.version };
  }
  return null;
}

/** One host process. It ends with the port. */
export class HostPort {
  /**
   * Starts the host. Exactly one of `onReady` and `onEnd` comes first; `onEnd` comes at most once, with the
   * host if it has introduced itself, and nothing follows it.
   * @param {{
   * onReady: (host: Part) => void,
   * onMessage: (message: HostMessage) => void,
   * onEnd: (error: CardError, host: Part | null) => void,
   * }} listener
   * @param {LogLevel | null} logLevel how much the host should log; `null` leaves that to the host
   */
  constructor(listener, logLevel = null) {
    this.listener = listener;
    /** @type {{ log_level?: LogLevel }} */
    this.log = logLevel === null ? {} : { log_level: logLevel };
    this.open = true;
    /** @type {Part | null} */
    this.host = null;
    this.port = chrome.runtime.connectNative(HOST_NAME);
    this.port.onMessage.addListener((value) => this.receive(value));
    this.port.onDisconnect.addListener(() => this.end(errorOfBrowser(chrome.runtime.lastError?.message)));
    this.lastId = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.expectWord();
  }

  /** Asks for the host's state; the answer is `status`. */
  status() {
    return this.ask({ command: "status", id: this.nextId(), ...this.log });
  }

  /** Asks what the doctor finds; the answer is `findings`. @param {Browser | null} browser the one we run in */
  checkUp(browser) {
    return this.ask({ command: "check_up", id: this.nextId(), browser, ...this.log }, CHECKED_UP_WITHIN);
  }

  /**
   * Asks for readers and cards, now and at every change.
   * @param {string} origin
   * @param {boolean} my_number My Number Cards, too
   */
  watch(origin, my_number) {
    return this.ask({ command: "watch", id: this.nextId(), origin, ...(my_number && { my_number }), ...this.log });
  }

  /**
   * Has a card sign, however long that takes. Returns the id that progress and answer will carry.
   * Without a PIN the host asks for it in its own dialog.
   * @param {{ origin: string, nonce: string, card: string, pin?: string, accept_last_try: boolean, my_number?:
   * boolean }} what
   */
  authenticate({ origin, nonce, card, pin, accept_last_try, my_number }) {
    const id = this.nextId();
    const what = { command: /** @type {const} */ ("authenticate"), id, origin, nonce, card, accept_last_try };
    const wanted = my_number ? { ...what, my_number } : what;
    return this.send(pin === undefined ? wanted : { ...wanted, pin });
  }

  /**
   * Has a card sign an application, like `authenticate`.
   * @param {{ origin: string, document: string, card: string, pin?: string, accept_last_try: boolean }} what
   */
  sign({ origin, document, card, pin, accept_last_try }) {
    const id = this.nextId();
    const what = { command: /** @type {const} */ ("sign"), id, origin, document, card, accept_last_try };
    return this.send(pin === undefined ? what : { ...what, pin });
  }

  /** Cancels a running `authenticate` or `sign`. */
  cancel() {
    return this.send({ command: "cancel", id: this.nextId() });
  }

  /** Ends the host without notifying the listener. */
  close() {
    this.open = false;
    clearTimeout(this.timer);
    this.port.disconnect();
  }

  /** @param {unknown} value */
  receive(value) {
    if (!this.open) {
      return;
    }
    const message = readHostMessage(value);
    clearTimeout(this.timer);
    if (message === null || (message.type === "hello") !== (this.host === null)) {
      this.end({ code: "host_protocol" });
    } else if (message.type === "hello") {
      const { version, protocol, oldest_protocol } = message;
      const host = { version, protocol, oldest_protocol };
      this.host = host;
      const error = errorOfVersion(host);
      if (error) {
        this.end(error);
      } else {
        this.listener.onReady(host);
      }
    } else {
      this.listener.onMessage(message);
    }
  }

  /** Requires an answer within the time. @param {HostCommand} command @param {number} within */
  ask(command, within = SILENCE_WITHIN) {
    this.send(command);
    this.expectWord(within);
    return command.id;
  }

  /** @param {HostCommand} command */
  send(command) {
    if (this.open) {
      this.port.postMessage(command);
    }
    return command.id;
  }

  nextId() {
    this.lastId += 1;
    return this.lastId;
  }

  expectWord(within = SILENCE_WITHIN) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end({ code: "host_protocol", detail: "silent" }), within);
  }

  /** @param {CardError} error */
  end(error) {
    if (this.open) {
      this.close();
      this.listener.onEnd(error, this.host);
    }
  }
}
