import { LONGEST_TRAINED } from '../../input/image/naflex/longestTrained.ts';

const MIB = 2 ** 20;

/** What one request may ask for. */
export const LIMITS = {
  /** Bytes of one encoded image. */
  imageBytes: 20 * MIB,
  /** Pixels of one decoded image. */
  imagePixels: 50e6,
  /** Images in one request. */
  images: 16,
  /** Patches of one image that a request may ask of a NaFlex model: as many as the released ones were trained on. */
  patches: LONGEST_TRAINED,
  /** Texts or labels in one request. */
  texts: 64,
  /** UTF-8 bytes of one text. */
  textBytes: 4096,
  /** Hits of one search. */
  hits: 200,
  /** Items of one request of /v1: texts, and images among them. */
  items: 256,
} as const;

/** What all requests together may use. */
export const SHARED = {
  /** Requests that are waited for or worked on; beyond them the answer is 429. */
  requests: 64,
  /** Bytes of JSON bodies. */
  jsonBytes: 16 * MIB,
  /** Bytes of forms. */
  formBytes: 80 * MIB,
  /** Bytes of images that are decoded and at the model's size, and of what the engine is given of them. */
  fittedBytes: 96e6,
  /** Images that are fetched from elsewhere at the same time. */
  fetches: 16,
  /** Bytes of fetched images that are not yet decoded. */
  fetchedBytes: 160 * MIB,
  /** Images that are decoded at the same time, each in a thread of its own. */
  decoders: 2,
  /** Bytes of memory of the images that are being decoded, as their headers promise. */
  decodingBytes: 320e6,
} as const;

/** A short request reserves this: what a connection and its buffers cost. */
export const SMALLEST_BODY = 2 ** 16;

/** Seconds after which a client that was sent away should come back. */
export const RETRY_SECONDS = 1;

/** How fast a body has to arrive: a slow phone does, somebody who only wants to hold a place does not. */
export const PACE = { silenceMs: 10_000, bytesPerSecond: 16 * 2 ** 10 } as const;

/** An image whose decoder shows no sign of life for so many milliseconds is given up. */
export const DECODER_SILENCE_MS = 60_000;

/** How long a client may take to read its answer, in milliseconds. */
export const READ_ANSWER_MS = 30_000;

/** What one connection, and all of them, may do. */
export const CONNECTIONS = {
  most: 1024,
  times: {
    /** Milliseconds for the head of a request, and how often that is looked at. */
    headersTimeout: 10_000,
    connectionsCheckingInterval: 2_000,
    /** Milliseconds for which a connection without a request stays open. */
    keepAliveTimeout: 15_000,
  },
} as const;

/** How long the server reads on, and forgets, from a client that was answered before it had sent everything. */
export const LINGER_MS = 2_000;

/** How long a server that is told to stop works on what it has accepted, in milliseconds. */
export const FINISH_MS = 30_000;

/** Bytes of a whole JSON body: every text at its longest, written with escapes. */
export const JSON_BODY_BYTES = 2 * LIMITS.texts * LIMITS.textBytes;
/** Bytes of a whole form with one image. */
export const IMAGE_BODY_BYTES = LIMITS.imageBytes + JSON_BODY_BYTES;
/** Bytes of a whole form with several images, and of a JSON body that may have images in it as base64. */
export const IMAGES_BODY_BYTES = 4 * LIMITS.imageBytes;

/** What the JSON of a body with images may be like, since parsing it takes time and memory by its values. */
export const JSON_SHAPE = {
  /** Bytes outside of strings, and quotes inside. */
  syntax: MIB / 2,
  depth: 64,
  /** A string of more bytes is no text, however its letters are written (`\u0041`): it is not parsed, but kept as it came. */
  longString: 6 * LIMITS.textBytes,
} as const;
