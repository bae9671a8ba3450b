import type { Picture } from '../../../search/collection/picture.ts';
import type { ServedCollection } from '../../collections/served.ts';
import type { ShownPaths } from '../../collections/shownPaths.ts';
import type { PictureJson } from './pictureSchema.ts';

/** A picture as it is sent. */
export function pictureJson(served: ServedCollection, picture: Picture, paths: ShownPaths): PictureJson {
  const { id, kind, at, width, height, bytes, modified, path } = picture;
  const { taken = null, latitude = null, longitude = null } = picture;
  return {
    ...{ id, title: served.titleOf(picture), kind, at, width, height, bytes, modified },
    ...{ taken, latitude, longitude, path: served.isFixed ? null : paths.of(path) },
  };
}
