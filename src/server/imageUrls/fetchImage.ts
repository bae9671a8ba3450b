/**
 * Fetches an image by its address.
 * @throws HTTPException 400 naming the address and what is wrong with it, without what an inner host answered; the
 *   signal's reason when it is aborted first
 */
export type FetchImage = (url: string, options: { readonly signal: AbortSignal }) => Promise<File>;
