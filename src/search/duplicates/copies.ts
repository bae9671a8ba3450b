import type { Picture } from '../collection/picture.ts';
import type { NearPair } from '../scan/pairs/pairScores.ts';

/** Orders copies, the one to keep first: most pixels, then most bytes, then the oldest, then by path. */
export function compareCopies(a: Picture, b: Picture): number {
  const age = (picture: Picture) => picture.taken ?? picture.modified;
  return (
    b.width * b.height - a.width * a.height ||
    b.bytes - a.bytes ||
    age(a) - age(b) ||
    a.modified - b.modified ||
    (a.path < b.path ? -1 : 1)
  );
}

/** Pictures that are near one that stands for them, by id. */
export interface Star {
  readonly centre: number;
  /** Nearest first. */
  readonly members: readonly { readonly id: number; readonly cosine: number }[];
}

interface Edge {
  readonly id: number;
  readonly cosine: number;
}

function edgesOf(pairs: readonly NearPair[]): Map<number, Edge[]> {
  const edges = new Map<number, Edge[]>();
  const add = (from: number, edge: Edge) => {
    const known = edges.get(from);
    if (known) known.push(edge);
    else edges.set(from, [edge]);
  };
  for (const { a, b, score: cosine } of pairs) {
    add(a, { id: b, cosine });
    add(b, { id: a, cosine });
  }
  return edges;
}

/**
 * Groups near pictures so that each is near the centre of its group and no two centres are near. (Groups of all that hang
 * together would grow along chains: A near B, B near C, … until they hold pictures that have nothing in common.) The best
 * picture that no centre is near becomes the next centre; every other one then joins the centre that it is nearest to.
 * @param compare orders ids, the best first
 */
export function starGroups(pairs: readonly NearPair[], compare: (a: number, b: number) => number): Star[] {
  const edges = edgesOf(pairs);
  const order = [...edges.keys()].sort(compare);
  const centres = new Map<number, Edge[]>();
  for (const id of order) if (!edges.get(id)!.some((edge) => centres.has(edge.id))) centres.set(id, []);
  const nearer = (a: Edge, b: Edge) => b.cosine - a.cosine || compare(a.id, b.id);
  for (const id of order) {
    if (centres.has(id)) continue;
    const [nearest] = edges
      .get(id)!
      .filter((edge) => centres.has(edge.id))
      .sort(nearer);
    centres.get(nearest!.id)!.push({ id, cosine: nearest!.cosine });
  }
  return [...centres]
    .filter(([, members]) => members.length > 0)
    .map(([centre, members]) => ({ centre, members: members.sort(nearer) }));
}
