/** Bytes that a training step needs. */
export interface StepMemory {
  /** All parameters once, frozen ones included. */
  readonly parameters: number;
  /** The moments of what is trained, once. */
  readonly moments: number;
  /** What is carried beside the parameters, once. */
  readonly carried: number;
  /**
   * The second set of all that changes: a step reads one set and writes the other. For tables that are updated by rows,
   * both sets of a batch's rows instead.
   */
  readonly secondBuffer: number;
  /** The batch. */
  readonly batch: number;
  /** Gradients of what is trained. All are alive at once, as clipping needs the norm of all. */
  readonly gradients: number;
  /** Intermediate values beside the gradients, at the moment at which they are most. */
  readonly activations: number;
  /** What the runtime takes beside those: see `runtimeBytes`. */
  readonly runtime: number;
  /** All of the above together. */
  readonly total: number;
}
