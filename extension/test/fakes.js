// The parts of `chrome` that the tests need, and the golden files.

import { readFileSync } from "node:fs";

/** @param {string} name */
export function golden(name) {
  return JSON.parse(readFileSync(new URL(`../../proto/fixtures/${name}.json`, import.meta.url), "utf8"));
}

export class FakeEvent {
  listeners = new Set();
  addListener(listener) {
    this.listeners.add(listener);
  }
  removeListener(listener) {
    this.listeners.delete(listener);
  }
  emit(...values) {
    [...this.listeners].forEach((listener) => listener(...values));
  }
}

/** Our end of a port; the test plays the other. */
export class FakePort {
  onMessage = new FakeEvent();
  onDisconnect = new FakeEvent();
  sent = [];
  closed = false;
  constructor(options = {}) {
    this.name = options.name ?? "";
    this.sender = options.sender;
  }
  postMessage(message) {
    if (this.closed) {
      throw new Error("Attempting to use a disconnected port object");
    }
    this.sent.push(structuredClone(message));
  }
  disconnect() {
    this.closed = true;
  }
  says(message) {
    this.onMessage.emit(message);
  }
  breaks() {
    this.closed = true;
    this.onDisconnect.emit(this);
  }
}

/** Timers that the test fires. */
export class FakeTimers {
  running = new Map();
  next = 1;
  install() {
    globalThis.setTimeout = (callback, milliseconds) => {
      this.running.set(this.next, { callback, milliseconds });
      return this.next++;
    };
    globalThis.clearTimeout = (id) => this.running.delete(id);
  }
  runOut() {
    const due = [...this.running.values()];
    this.running.clear();
    due.forEach(({ callback }) => callback());
  }
}

/** Lets pending promises settle. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the condition holds; hashing uses a separate thread. @param {() => boolean} condition */
export async function until(condition) {
  while (!condition()) {
    await settled();
  }
}
