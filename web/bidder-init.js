// Starts a page: the contractor's, and under another name the officers'. The build replaces the file name with one
// that contains the file's hash.
import init, { start } from './bidder.js';

// The available languages with the URLs of their texts: the chosen one, else the browser's, else the first.
const texts = new Map(
  document.querySelector('meta[name="texts"]').content.split(' ').map((entry) => entry.split('=')),
);
const wanted = navigator.languages.map((language) => language.split('-')[0]);
try {
  wanted.unshift(localStorage.getItem('touroku.language'));
} catch {
  // Nothing is stored for this site.
}
const language = wanted.find((language) => texts.has(language)) ?? texts.keys().next().value;
const lines = fetch(texts.get(language)).then((response) => (response.ok ? response.text() : Promise.reject(response.status)));
await init();
start(language, await lines);
