import type { LogitScalars } from '../../src/encoder/classify.ts';
import type { Embeddings } from '../../src/encoder/embeddings.ts';
import type { QueryKind } from '../../src/search/cutoff/createJudge.ts';

/** A query, and which pictures of the collection fit it; none where what it asks for is absent. */
export interface Asked {
  /** [d] */
  readonly query: Float32Array;
  readonly right: ReadonlySet<number>;
  /** A row that is not shown: the query itself. */
  readonly without?: number;
}

/** A collection, and what is asked of it. */
export interface World {
  /** Worlds of one group are reported together. */
  readonly group: string;
  readonly kind: QueryKind;
  readonly scalars: LogitScalars;
  /** [n, d] */
  readonly pictures: Embeddings;
  /** [m, d] */
  readonly common: Embeddings;
  readonly asked: readonly Asked[];
  /** How much it counts in fitting: its present queries half of this, its absent ones the other half. */
  readonly weight: number;
}
