/** Of a stream: how many words, and the pause between two. */
export const EVENTS = 50;
export const EVERY_MS = 20;
