/** Who may ask what. */
export interface Access {
  /** Keys of programs and people; without one anybody who reaches the server may ask. */
  readonly keys: readonly string[];
  /** Other web pages that may ask, as their origins (`https://app.example`). */
  readonly origins: readonly string[];
  /**
   * What the one who started the server has, and nobody else: made at each start, in the address that is printed. It lets
   * the page index folders and change the model. None where the server listens on more than this machine.
   */
  readonly ownerToken: string | undefined;
}
