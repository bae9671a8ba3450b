import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import type { Embeddings } from '../../../encoder/embeddings.ts';
import { float32 } from '../../../tensor/index.ts';
import type { StoredVectors } from '../collection.ts';

/** Stored vectors as embeddings, [n, width]. */
export const storedEmbeddings = ({ ids, vectors }: StoredVectors, width: number): Embeddings =>
  float32([ids.length, width], float16ToFloat32(vectors));
