// The golden files of proto/fixtures.

import fs from "node:fs";

/** @param {string} name @returns {any[]} */
export function fixture(name) {
  return JSON.parse(fs.readFileSync(new URL(`../../proto/fixtures/${name}.json`, import.meta.url), "utf8"));
}
