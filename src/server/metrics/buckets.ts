/** Upper ends of ranges of seconds: from a text by a small model to a queue of large images. */
export const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
