/** An image that was fetched. */
export interface FetchedImage {
  readonly file: File;
  /** Gives back the memory that it holds of what all requests share: call it when the image is decoded, or not wanted. */
  release(): void;
}

/**
 * Fetches an image by its address.
 * @throws HTTPException 400 naming the address and what is wrong with it, without what an inner host answered; 429 when the
 *   images of all requests hold too much memory; the signal's reason when it is aborted first
 */
export type FetchImage = (url: string, options: { readonly signal: AbortSignal }) => Promise<FetchedImage>;
