// Starts the page. The build replaces the name by the one that holds the file's hash.
import init from './bidder.js';
await init();
