/** Mean radius of the Earth in kilometres (IUGG). */
const RADIUS = 6371.0088;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** A place as a point on the sphere of radius 1. Stores keep it, so that all of them compare places with the same sums. */
export type SpherePoint = readonly [x: number, y: number, z: number];

/** @param latitude, longitude degrees */
export function onSphere(latitude: number, longitude: number): SpherePoint {
  const [phi, lambda] = [radians(latitude), radians(longitude)];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

/**
 * The square of the straight line, in radii, between two points that are so far apart on the surface. Places are compared
 * by it, not by the cosine of their angle, which is the same for all that are within some decimetres. Infinity where
 * every place is near.
 */
export function squaredChord(kilometres: number): number {
  const angle = kilometres / RADIUS;
  return angle >= Math.PI ? Number.POSITIVE_INFINITY : (2 * Math.sin(angle / 2)) ** 2;
}
