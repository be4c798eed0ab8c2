// Starts a page: the contractor's, and under another name the officers'. The build replaces the name by the one that holds the file's hash.
import init from './bidder.js';
await init();
