/** Matplotlib's `inferno` at ten even places: from dark to bright in even steps, also for those who see colours otherwise. */
const STOPS = [
  [0, 0, 4],
  [27, 12, 65],
  [74, 12, 107],
  [120, 28, 109],
  [165, 44, 96],
  [207, 68, 70],
  [237, 105, 37],
  [251, 155, 6],
  [247, 209, 61],
  [252, 255, 164],
] as const;

/** The colours of heat 0 … 255: [256, 3]. */
export const HEAT_COLOURS: Uint8Array = Uint8Array.from({ length: 256 * 3 }, (_, at) => {
  const place = (Math.floor(at / 3) / 255) * (STOPS.length - 1);
  const stop = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [STOPS[stop]![at % 3]!, STOPS[stop + 1]![at % 3]!];
  return Math.round(from + (place - stop) * (to - from));
});
